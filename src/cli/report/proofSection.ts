/** The proof that the parts give the model's bits. */

import { whole } from "./figures.ts";
import { comparedImages, type Findings } from "./findings.ts";
import { html } from "./html.ts";
import type { Parts } from "./parts.ts";
import type { Section } from "./section.ts";

const meaning: Readonly<Record<Parts["granularity"], string>> = {
  layer: "every call of a layer is one part",
  op: "every application of an op is one part",
  kernel: "every filter of a convolution and every neuron of a linear layer is one part",
};

export function proofSection({ parts }: Findings): Section {
  return {
    id: "verification",
    short: "Proof",
    title: "Put together again",
    lead: `The parts run on their own, without the model, on ${comparedImages} test images; each of their outputs is compared with the model's, bit for bit.`,
    body: html`<ul class="cards three">${parts.map(proofCard)}</ul>`,
  };
}

function proofCard({ granularity, applications, proof }: Parts) {
  const { equal, compared, firstDifference, largestDifference } = proof;
  const verdict = equal
    ? html`<span class="badge good">✓ all bits equal</span>`
    : html`<span class="badge bad">✗ first difference in ${firstDifference?.id ?? "the outputs"}, at most ${largestDifference}</span>`;
  return html`<li class="card"><h3>${granularity}</h3><p>${meaning[granularity]}</p>
<dl class="facts"><div><dt>applications</dt><dd>${whole(applications)}</dd></div><div><dt>outputs compared</dt><dd>${whole(compared)}</dd></div></dl>${verdict}</li>`;
}
