/** The particles at kernel granularity: a square for each filter and neuron, a column for each op that stays whole. */
import type { study } from "../../index.ts";
import { signed } from "./figures.ts";
import type { Box } from "./flow.ts";
import { type Html, html } from "./html.ts";

/** How strong the colour is of what cannot be removed. */
const unmeasured = 0.3;

/**
 * The squares of each box, in the order of the graph. Colours grow with the root of the rise of the loss, on a scale of
 * its own for filters, for neurons and for whole ops.
 */
export function particleMap(boxes: readonly Box[], ids: readonly string[], removals: readonly study.Removal[]): Html {
  const found = new Map(removals.map((removal) => [removal.id, removal]));
  const scaleOf = ({ kind, index }: study.Removal) => (index === undefined ? "whole" : kind);
  const most = new Map<string, number>();
  for (const removal of removals) {
    const scale = scaleOf(removal);
    most.set(scale, Math.max(most.get(scale) ?? Number.MIN_VALUE, removal.lossIncrease));
  }
  const square = (id: string, isWhole: boolean) => {
    const removal = found.get(id);
    const rise = removal?.lossIncrease;
    const strength = removal
      ? 0.08 + 0.92 * Math.sqrt(Math.max(0, removal.lossIncrease) / most.get(scaleOf(removal))!)
      : unmeasured;
    const title = rise === undefined ? id : `${id}: ${signed(rise, 5)}`;
    return html`<i${isWhole ? html` class="whole"` : ""} style="--share:${strength.toFixed(2)}" title="${title}"></i>`;
  };
  const groups = boxes
    .filter(({ kind }) => kind !== "input" && kind !== "output")
    .map(({ id, kind }) => {
      const kernels = ids.filter((other) => other.startsWith(`${id}/`) && other.split("/").length === 2);
      const squares = kernels.length > 0 ? kernels.map((other) => square(other, false)) : square(id, true);
      return html`<li class="${kind}"><p>${id}</p><div>${squares}</div></li>`;
    });
  return html`<ul class="map">${groups}</ul>`;
}
