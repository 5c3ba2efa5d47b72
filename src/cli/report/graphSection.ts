/** The graph, drawn with what flows through it. */

import { whole } from "./figures.ts";
import type { Findings } from "./findings.ts";
import type { Kind } from "./flow.ts";
import { graphPicture } from "./graphPicture.ts";
import { html } from "./html.ts";
import { particleMap } from "./particleMap.ts";
import type { Section } from "./section.ts";

const kinds: readonly (readonly [kind: Kind, meaning: string])[] = [
  ["filters", "filters: a convolution"],
  ["activation", "activation"],
  ["reduction", "pooling"],
  ["layout", "new shape, same numbers"],
  ["neurons", "neurons: a linear layer"],
];

export function graphSection({ boxes, mermaid, digits, parts, ablation }: Findings): Section {
  const present = new Set(boxes.map(({ kind }) => kind));
  const legend = kinds
    .filter(([kind]) => present.has(kind))
    .map(([kind, meaning]) => html`<li><i class="swatch ${kind}"></i>${meaning}</li>`);
  const kernels = parts.find(({ granularity }) => granularity === "kernel")!;
  const ids = kernels.cards.map(({ id }) => id);
  return {
    id: "graph",
    short: "Graph",
    title: "The graph",
    lead: `Every application of an op, in the order in which it runs, with what it makes of test image ${digits[0]!.index}, a ${digits[0]!.digit}. Grey pictures go from black for the least number to white for the greatest; coloured ones are red above zero, blue below, and the paler the nearer to it.`,
    body: html`<div class="panel graphs">${graphPicture(boxes)}<ul class="legend">${legend}</ul></div>
<div class="panel"><h3>At kernel granularity <small>${whole(kernels.applications)} particles</small></h3>${particleMap(boxes, ids, ablation.removals)}<p class="note">A square is a filter or a neuron, a tall bar an op that has no kernels. The stronger the colour, the more the loss rises when that particle is removed, among filters, among neurons and among the bars.</p></div>
<details><summary>The same as Mermaid text</summary><pre tabindex="0"><code>${mermaid}</code></pre></details>`,
  };
}
