/** What each particle is needed for: charts, and the table of all removals. */
import type { study } from "../../index.ts";
import { percent } from "../confusion.ts";
import { signed, whole } from "./figures.ts";
import type { Findings } from "./findings.ts";
import { type Html, html } from "./html.ts";
import { estimateChart, rankChart } from "./importanceCharts.ts";
import { figure, framed, numberCell, type Section, sortableHead } from "./section.ts";

export function importanceSection({ ablation, banks }: Findings): Section {
  const { samples, loss, accuracy, removals, correlations, weightsSha256 } = ablation;
  const shown = new Set(banks.flatMap((bank) => bank.filters.map(({ id }) => id)));
  const filters = removals.filter(({ id }) => shown.has(id));
  const correlation = (estimate: keyof study.EstimateCorrelation) =>
    correlations[filters[0]?.kind ?? ""]?.[estimate] ?? Number.NaN;
  const series = new Map(banks.map(({ module }, index) => [module, `s${index % 4}`]));
  const classOf = (module: string) => series.get(module) ?? "s3";
  const legend = html`<ul class="legend">${banks.map(({ module }) => html`<li><i class="swatch ${classOf(module)}"></i>${module}</li>`)}</ul>`;
  const estimates = [
    [
      "product |gradient × activation|",
      (one: study.Removal) => one.gradientActivation,
      correlation("gradientActivation"),
    ],
    ["norm of the weights", (one: study.Removal) => one.weightNorm ?? 0, correlation("weightNorm")],
  ] as const;
  return {
    id: "importance",
    short: "Importance",
    title: "What each particle is needed for",
    lead: `Each filter, neuron, layer and activation is removed in turn, alone, on the first ${whole(samples)} test images. With nothing removed the loss is ${loss.toFixed(4)} and the accuracy ${percent(accuracy)}.`,
    body: html`${figure(html`All ${filters.length} filters. Below zero lie those without which the loss is lower on these images.`, html`${legend}${rankChart(filters, classOf)}`)}
<div class="two">${estimates.map(([name, of, correlation]) =>
      figure(
        html`Can the ${name} tell importance without a removal? Spearman's rank correlation: <b>${correlation.toFixed(3).replace("-", "−")}</b>.`,
        estimateChart(filters, { name, of }, classOf),
      ),
    )}</div>
<div class="panel"><h3>Layers and activations</h3>${framed(
      "Removal of layers and activations",
      table(removals.filter(({ index }) => index === undefined)),
    )}</div>
${Object.keys(correlations).map((kind) => {
  const rows = removals.filter((removal) => removal.kind === kind);
  return html`<details><summary>The table of all ${rows.length} ${kind}s</summary>${framed(`Removal of ${kind}s`, table(rows), true)}</details>
`;
})}<p class="note">The model was left as it was: its weights have sha256 <code>${weightsSha256}</code> before and after.</p>`,
  };
}

function table(removals: readonly study.Removal[]): Html {
  const sorted = [...removals].sort((a, b) => b.lossIncrease - a.lossIncrease);
  const most = Math.max(...sorted.map(({ lossIncrease }) => lossIncrease), 0) || 1;
  const lines = sorted.map(({ id, module, kind, loss, lossIncrease, accuracy, gradientActivation, weightNorm }) => {
    const bar = html`<span class="meter" style="--share:${Math.max(0, lossIncrease / most).toFixed(3)}"></span>`;
    return html`<tr><th scope="row">${id}</th><td>${module}</td><td>${kind}</td>${numberCell(loss, loss.toFixed(5))}${numberCell(lossIncrease, html`${bar}${signed(lossIncrease, 5)}`)}${numberCell(accuracy, percent(accuracy))}${numberCell(gradientActivation, gradientActivation.toFixed(5))}${numberCell(weightNorm, weightNorm?.toFixed(3) ?? "–")}</tr>
`;
  });
  const titles = ["removed", "module", "kind", "loss", "rise", "accuracy", "|gradient × activation|", "weight norm"];
  return html`<table class="sortable">${sortableHead(titles, 3)}<tbody>${lines}</tbody></table>`;
}
