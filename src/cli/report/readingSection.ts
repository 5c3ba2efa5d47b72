/** How well the test images are read: the confusion matrix, and the mistakes that were made most surely. */

import { share, whole } from "./figures.ts";
import type { Findings } from "./findings.ts";
import { type Html, html } from "./html.ts";
import { imageOf } from "./pixels.ts";
import type { Mistake, Reading } from "./reading.ts";
import { framed, type Section } from "./section.ts";

export function readingSection({ reading }: Findings): Section {
  const { images, accuracy, mistakes, worst } = reading;
  return {
    id: "reading",
    short: "Reading",
    title: "How well it reads",
    lead: `${whole(images)} test images, ${share(accuracy, 2)} read right. A row for each true digit, a column for each answer.`,
    body: html`<div class="two"><div class="panel"><h3>Confusion</h3>${framed("Confusion matrix", matrix(reading))}</div>
<div class="panel"><h3>Misread with most confidence <small>${worst.length} of ${whole(mistakes)}</small></h3>
<ul class="mistakes">${worst.map(mistakeOf)}</ul></div></div>`,
  };
}

function matrix({ confusion }: Reading): Html {
  const digits = confusion.map((_, digit) => html`<th scope="col">${digit}</th>`);
  const wrong = confusion.flatMap((row, label) => row.filter((_, answer) => answer !== label));
  const most = Math.max(1, ...wrong);
  const lines = confusion.map((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    const cells = row.map((count, answer) => {
      if (answer === label) return html`<td class="hit">${count}</td>`;
      return html`<td class="miss" style="--share:${(count / most).toFixed(3)}">${count === 0 ? "·" : count}</td>`;
    });
    return html`<tr><th scope="row">${label}</th>${cells}<td class="number">${total === 0 ? "–" : share(row[label]! / total)}</td></tr>
`;
  });
  return html`<table class="confusion"><thead><tr><th scope="col"><span class="sr">true digit, by answer</span></th>${digits}<th scope="col">right</th></tr></thead><tbody>${lines}</tbody></table>`;
}

function mistakeOf({ index, label, predicted, confidence, image }: Mistake): Html {
  return html`<li>${imageOf(image, `test image ${index}, a ${label}`)}<span><b>${label}</b> → ${predicted}</span><small>${share(confidence)}</small></li>`;
}
