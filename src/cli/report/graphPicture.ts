/** The graph as SVG: boxes in the order of what flows, in as many columns as the page is wide. */
import { round } from "./chart.ts";
import { sizes } from "./figures.ts";
import type { Box } from "./flow.ts";
import { type Html, html } from "./html.ts";
import { dataUri } from "./pixels.ts";

const boxWidth = 150;
const boxHeight = 148;
const gapX = 32;
const gapY = 40;

interface Placed extends Box {
  readonly row: number;
  readonly column: number;
  readonly x: number;
  readonly y: number;
}

/** The graph for a desk and for a phone; both use the same boxes. */
export function graphPicture(boxes: readonly Box[]): Html {
  const label = `The graph: ${boxes.map(({ id }) => id).join(", then ")}.`;
  const layouts = [
    ["wide", 6],
    ["middle", 4],
    ["narrow", 2],
  ] as const;
  const defs = html`<svg class="defs" width="0" height="0" aria-hidden="true"><defs>
<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0L8 4L0 8z"/></marker>
${boxes.map((box, index) => html`<g id="box-${index}">${contentOf(box)}</g>\n`)}</defs></svg>`;
  return html`${defs}${layouts.map(([name, across]) => drawn(placed(boxes, across), name, across, label))}`;
}

function contentOf({ id, module, kind, shape, value }: Box): Html {
  const picture =
    value &&
    html`<image class="pixels ${value.colors}" href="${dataUri(value.picture)}" x="10" y="46" width="${boxWidth - 20}" height="70"/>`;
  return html`<rect class="box ${kind}" width="${boxWidth}" height="${boxHeight}" rx="9"/><rect class="band ${kind}" x="0" y="0" width="${boxWidth}" height="5" rx="2.5"/>
<text class="id" x="10" y="24">${id}</text><text class="module" x="10" y="38">${module || (kind === "layout" ? "no weights" : "")}</text>${picture}
<text class="shape" x="${boxWidth / 2}" y="${boxHeight - 12}" text-anchor="middle">${sizes(shape)}</text>`;
}

/**
 * Each box one step behind the last that flows into it; steps fill rows of `across` columns, boxes of one step lie
 * below each other.
 */
function placed(boxes: readonly Box[], across: number): Placed[] {
  const steps = new Map<string, number>();
  for (const { id, from } of boxes) steps.set(id, Math.max(-1, ...from.map((source) => steps.get(source) ?? -1)) + 1);
  const slots = new Map<number, number>();
  const places = boxes.map((box) => {
    const step = steps.get(box.id)!;
    const slot = slots.get(step) ?? 0;
    slots.set(step, slot + 1);
    return { box, band: Math.floor(step / across), column: step % across, slot };
  });
  const depth = Math.max(...slots.values());
  return places.map(({ box, band, column, slot }) => {
    const row = band * depth + slot;
    return { ...box, row, column, x: 1 + column * (boxWidth + gapX), y: 1 + row * (boxHeight + gapY) };
  });
}

function drawn(boxes: readonly Placed[], name: string, across: number, label: string): Html {
  const width = across * (boxWidth + gapX) - gapX + 2;
  const height = (Math.max(...boxes.map(({ row }) => row)) + 1) * (boxHeight + gapY) - gapY + 2;
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const arrows = boxes.flatMap((to) => to.from.map((source) => arrow(byId.get(source)!, to)));
  return html`<svg class="graph ${name}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">
${arrows}${boxes.map(({ x, y }, index) => html`<use href="#box-${index}" x="${x}" y="${y}"/>`)}</svg>`;
}

/** To the right where the next box is the neighbour, around the end of the row where it is not. */
function arrow(from: Placed, to: Placed): Html {
  const [x1, y1, x2, y2] = [from.x + boxWidth, from.y + boxHeight / 2, to.x, to.y + boxHeight / 2];
  if (to.row === from.row && to.column === from.column + 1) return path(`M${x1} ${y1}H${x2 - 2}`);
  if (to.column > from.column && to.row !== from.row)
    return path(`M${x1} ${y1}C${x1 + gapX} ${y1} ${x2 - gapX} ${y2} ${x2 - 2} ${y2}`);
  const middle = to.row === from.row ? from.y - gapY / 2 : to.y - gapY / 2;
  const [start, end] = [from.x + boxWidth / 2, to.x + boxWidth / 2];
  const [down, up] = to.row === from.row ? [from.y, to.y] : [from.y + boxHeight, to.y];
  return path(`M${start} ${down}V${middle}H${end}V${up - 2}`);
}

function path(d: string): Html {
  return html`<path class="arrow" d="${d.replace(/\d+\.\d+/g, (number) => String(round(Number(number))))}" marker-end="url(#tip)"/>`;
}
