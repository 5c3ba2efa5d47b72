/** The head of the page: what was looked at, and the figures that matter most. */

import { share, short, whole } from "./figures.ts";
import type { Findings } from "./findings.ts";
import { type Html, html, type Part } from "./html.ts";
import { hashOf } from "./section.ts";

export function overview(findings: Findings): Html {
  const { name, date, reading, ablation, parts, banks } = findings;
  const { parameters, multiplyAdds } = parts[0]!.total;
  const equal = parts.every(({ proof }) => proof.equal);
  const filters = banks.reduce((sum, bank) => sum + bank.filters.length, 0);
  const finest = parts.at(-1)!;
  return html`<header class="hero">
<p class="kicker">quarkgrad report · ${date}</p>
<h1>Sora, taken apart</h1>
<p class="lead">The network in <code>${name}</code>, decomposed into its particles, each one measured, and put together again${equal ? " to the same bits" : ""}.</p>
<dl class="tiles">
${tile("test accuracy", share(reading.accuracy, 2), `${whole(reading.mistakes)} of ${whole(reading.images)} images misread`)}
${tile("parameters", whole(parameters), `${filters} filters among ${whole(finest.applications)} particles`)}
${tile("multiply–adds an image", short(multiplyAdds), `${whole(multiplyAdds)} in one forward pass`)}
${tile("reconstruction", equal ? "bit-equal" : "differs", equal ? "at all three granularities" : "see the verification", equal ? "good" : "bad")}
</dl>
<p class="sha">weights sha256 ${hashOf(ablation.weightsSha256)}</p>
</header>
`;
}

function tile(name: string, value: string, note: Part, state = ""): Html {
  return html`<div class="tile ${state}"><dt>${name}</dt><dd><strong>${value}</strong><span>${note}</span></dd></div>`;
}
