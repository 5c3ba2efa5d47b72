/** What sections have in common. */
import { type Html, html, type Part } from "./html.ts";

export interface Section {
  /** The anchor, and the word in the page's navigation. */
  readonly id: string;
  readonly short: string;
  readonly title: string;
  /** One or two sentences on what is to be seen. */
  readonly lead: Part;
  readonly body: Part;
}

export function sectionOf({ id, title, lead, body }: Section): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<header><h2 id="${id}-title">${title}</h2><p class="lead">${lead}</p></header>
${body}
</section>
`;
}

/** A chart with its caption. */
export function figure(caption: Part, body: Part): Html {
  return html`<figure class="panel">${body}<figcaption>${caption}</figcaption></figure>`;
}

/** A wide table scrolls within its own frame, which the keyboard can reach. */
export function framed(label: string, table: Html, tall = false): Html {
  return html`<div class="frame${tall ? " tall" : ""}" role="region" aria-label="${label}" tabindex="0">${table}</div>`;
}

/** Head cells of a table that can be sorted; the first `texts` columns are no numbers. */
export function sortableHead(titles: readonly string[], texts: number): Html {
  const cells = titles.map(
    (title, index) => html`<th scope="col"${index < texts ? "" : html` class="number"`}>${title}</th>`,
  );
  return html`<thead><tr>${cells}</tr></thead>`;
}

/** A cell with a number, that sorts by it. */
export function numberCell(value: number | undefined, text: Part): Html {
  return html`<td class="number" data-value="${value === undefined ? "" : String(value)}">${text}</td>`;
}

/** A hash that is cut off to the eye and whole to a search or a copy. */
export function hashOf(hash: string): Html {
  return html`<code class="hash" title="${hash}">${hash}</code>`;
}
