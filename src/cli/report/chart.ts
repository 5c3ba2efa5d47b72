/** What charts have in common: a frame for two widths, and axes. Colours and type come from the page's style. */
import { type Html, html } from "./html.ts";

/** A chart's drawing at one width. */
export interface Drawing {
  readonly height: number;
  readonly body: Html | readonly Html[];
}

/** A chart drawn for a desk and for a phone, so that its letters keep their size; the style shows one of them. */
export function chart(label: string, wide: number, draw: (width: number) => Drawing): Html {
  const svg = (width: number, name: string) => {
    const { height, body } = draw(width);
    return html`<svg class="chart ${name}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">${body}</svg>`;
  };
  return html`${svg(wide, "wide")}${svg(330, "narrow")}`;
}

/** Where a number lies on an axis. */
export type Place = (value: number) => number;

/** Horizontal lines at `ticks` from `left` to `right`, each with its number before it. */
export function rows(ticks: readonly number[], place: Place, left: number, right: number, format = shown): Html[] {
  return ticks.map((tick) => {
    const y = round(place(tick));
    const text = html`<text class="tick" x="${left - 8}" y="${y}" dy="0.32em" text-anchor="end">${format(tick)}</text>`;
    return html`<line class="${tick === 0 ? "base" : "grid"}" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/>${text}`;
  });
}

/** Vertical lines at `ticks` from `top` to `bottom`, each with its number below it. */
export function columns(ticks: readonly number[], place: Place, top: number, bottom: number, format = shown): Html[] {
  return ticks.map((tick) => {
    const x = round(place(tick));
    const text = html`<text class="tick" x="${x}" y="${bottom + 18}" text-anchor="middle">${format(tick)}</text>`;
    return html`<line class="${tick === 0 ? "base" : "grid"}" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>${text}`;
  });
}

/** What an axis measures, as a line above the chart at the left or below it at the right. */
export function axisName(text: string, x: number, y: number, anchor: "start" | "end" = "start"): Html {
  return html`<text class="axis" x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`;
}

/** Coordinates need no more than a tenth of a pixel. */
export function round(value: number): number {
  return Math.round(10 * value) / 10;
}

function shown(value: number): string {
  return String(Number(value.toPrecision(6))).replace("-", "−");
}
