/** The cost cards, and what they add up to. */

import { bytes, share, short, sizes, time, whole } from "./figures.ts";
import { type Findings, timedImages } from "./findings.ts";
import type { Kind } from "./flow.ts";
import { type Html, html } from "./html.ts";
import type { Part, Parts } from "./parts.ts";
import { roofline } from "./roofline.ts";
import { figure, hashOf, type Section } from "./section.ts";

export function costSection(findings: Findings): Section {
  const ops = findings.parts.find(({ granularity }) => granularity === "op")!;
  const kinds = new Map(findings.boxes.map(({ id, kind }) => [id, kind]));
  const kindOf = (id: string): Kind => kinds.get(id) ?? "reduction";
  const statistics = new Map(findings.statistics.map((one) => [one.id, one]));
  return {
    id: "costs",
    short: "Costs",
    title: "What each particle costs",
    lead: html`Counted for one image; bytes are those read and written if each is touched once. Times are medians of a forward pass of ${timedImages} images on one thread (${findings.machine.split(", Node")[0]!}), beside the measured peak of ${(findings.peak / 1e9).toPrecision(3)} billion operations a second.`,
    body: html`<div class="two">${figure("Where parameters, work and time lie: each bar is the whole of Sora.", shares(ops.cards, kindOf))}
${figure(`Speed on a batch of ${timedImages} over arithmetic intensity. What lies to the left waits for memory; what lies near the dashed line is as fast as the machine can go. Operations are counted as the definition makes them: a convolution that multiplies less, by Winograd's algorithm, may pass the line.`, roofline(ops.cards, findings.peak, kindOf))}</div>
<ul class="cards row" tabindex="0" aria-label="Cost cards">${ops.cards.map((card) => costCard(card, kindOf(card.id), ops.total, statistics.get(card.id)))}${totalCard(ops.total)}</ul>`,
  };
}

const measures = [
  ["parameters", (card: Part) => card.parameters],
  ["multiply–adds", (card: Part) => card.multiplyAdds],
  ["bytes", (card: Part) => card.bytes],
  ["activation bytes", (card: Part) => card.activationBytes],
  ["time", (card: Part) => card.milliseconds],
] as const;

/** A bar for each measure, cut into the shares of the particles. */
function shares(cards: readonly Part[], kindOf: (id: string) => Kind): Html {
  const bars = measures.map(([name, of]) => {
    const total = cards.reduce((sum, card) => sum + of(card), 0) || 1;
    const pieces = cards
      .map((card) => ({ id: card.id, part: of(card) / total }))
      .filter(({ part }) => part > 0)
      .map(({ id, part }) => {
        const text = part > 0.17 ? html`<span>${id} ${share(part, 0)}</span>` : "";
        return html`<i class="${kindOf(id)}" style="flex-grow:${part.toFixed(5)}" title="${id}: ${share(part)}">${text}</i>`;
      });
    const described = cards.map((card) => `${card.id} ${share(of(card) / total)}`).join(", ");
    return html`<li><p>${name}</p><div class="bar" role="img" aria-label="${name}: ${described}">${pieces}</div></li>`;
  });
  return html`<ul class="shares">${bars}</ul>`;
}

function costCard(
  card: Part,
  kind: Kind,
  total: { readonly milliseconds: number; readonly multiplyAdds: number; readonly parameters: number },
  statistics: Findings["statistics"][number] | undefined,
): Html {
  const facts: readonly (readonly [string, string])[] = [
    ["parameters", ofAll(whole(card.parameters), card.parameters / total.parameters)],
    ["multiply–adds", ofAll(short(card.multiplyAdds), card.multiplyAdds / total.multiplyAdds)],
    ["bytes moved", bytes(card.bytes)],
    ["operations a byte", card.intensity.toPrecision(3)],
    ["activation bytes", bytes(card.activationBytes)],
    ["median time", ofAll(time(card.milliseconds), card.milliseconds / total.milliseconds)],
    ["share of the peak", share(card.peakShare)],
    ...(statistics
      ? ([
          ["mean ± σ", `${statistics.mean.toPrecision(3).replace("-", "−")} ± ${statistics.deviation.toPrecision(3)}`],
          ["zeros", share(statistics.zeros)],
          ["dead units", `${statistics.deadUnits.length} of ${statistics.units}`],
        ] as const)
      : []),
  ];
  return html`<li class="card ${kind}" id="card-${card.id.replace("#", "-")}"><h3>${card.id}</h3>
<p>${card.module || "no module"} → ${sizes(card.shape)}</p>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<p class="sha">sha256 ${hashOf(card.hashes[0] ?? "")}</p></li>`;
}

function totalCard(total: Parts["total"]): Html {
  const facts = [
    ["parameters", whole(total.parameters)],
    ["multiply–adds", whole(total.multiplyAdds)],
    ["operations", whole(total.flops)],
    ["bytes moved", whole(total.bytes)],
    ["operations a byte", total.intensity.toPrecision(3)],
    ["activation bytes", whole(total.activationBytes)],
    ["median times together", time(total.milliseconds)],
    ["images a second", whole(Math.round((1000 * timedImages) / total.milliseconds))],
    ["share of the peak", share(total.peakShare)],
  ];
  return html`<li class="card total"><h3>all together</h3><p>one forward pass; each parameter counts once</p>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></li>`;
}

function ofAll(text: string, part: number): string {
  return part > 0 ? `${text} · ${share(part)}` : text;
}
