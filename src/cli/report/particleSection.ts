/** Every particle at every granularity, with its cost and its content hash. */

import { share, sizes, time, whole } from "./figures.ts";
import { type Findings, timedImages } from "./findings.ts";
import { type Html, html } from "./html.ts";
import type { Part, Parts } from "./parts.ts";
import { framed, hashOf, numberCell, type Section, sortableHead } from "./section.ts";

export function particleSection({ parts }: Findings): Section {
  return {
    id: "particles",
    short: "Particles",
    title: "Every particle and its hash",
    lead: "A particle's hash covers its name, its attributes and its parameters, not its place: two particles with one hash compute the same function. A click on a column's head sorts by it.",
    body: parts.map(
      ({ granularity, cards, total }) =>
        html`<details${granularity === "layer" ? html` open` : ""}><summary>${granularity} granularity <small>${whole(cards.length)} particles</small></summary>${framed(`Particles at ${granularity} granularity`, tableOf(cards, total), cards.length > 20)}</details>
`,
    ),
  };
}

const titles = [
  "particle",
  "sha256",
  "module",
  "output",
  "parameters",
  "multiply–adds",
  "bytes",
  "operations a byte",
  "activation bytes",
  `time (${timedImages} images)`,
  "of the peak",
];

function tableOf(cards: readonly Part[], total: Parts["total"]): Html {
  const lines = cards.map(
    (
      card,
    ) => html`<tr><th scope="row">${card.id}</th><td>${card.hashes.map(hashOf)}</td><td>${card.module}</td><td>${sizes(card.shape)}</td>${figuresOf(card)}</tr>
`,
  );
  return html`<table class="sortable">${sortableHead(titles, 4)}<tbody>${lines}</tbody><tfoot><tr><th scope="row">total</th><td></td><td></td><td></td>${figuresOf(total)}</tr></tfoot></table>`;
}

function figuresOf(cost: Parts["total"]): Html[] {
  return [
    ...[cost.parameters, cost.multiplyAdds, cost.bytes].map((value) => numberCell(value, whole(value))),
    numberCell(cost.intensity, cost.intensity.toFixed(2)),
    numberCell(cost.activationBytes, whole(cost.activationBytes)),
    numberCell(cost.milliseconds, time(cost.milliseconds)),
    numberCell(cost.peakShare, share(cost.peakShare)),
  ];
}
