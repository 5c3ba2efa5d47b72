/** All filters, each with what its removal did. */
import type { study } from "../../index.ts";
import { signed, sizes } from "./figures.ts";
import type { FilterBank } from "./filters.ts";
import type { Findings } from "./findings.ts";
import { type Html, html } from "./html.ts";
import { imageOf } from "./pixels.ts";
import type { Section } from "./section.ts";

export function filterSection({ banks, ablation }: Findings): Section {
  const removals = new Map(ablation.removals.map((removal) => [removal.id, removal]));
  const rises = banks.flatMap(({ filters }) => filters.map(({ id }) => removals.get(id)?.lossIncrease ?? 0));
  const most = Math.max(...rises);
  return {
    id: "filters",
    short: "Filters",
    title: "The filters",
    lead: "The weights of every filter: red above zero, blue below, the paler the nearer to it, each filter on its own scale. The bar and the number under a filter are the rise of the loss when it is removed.",
    body: banks.map((bank, index) => bankOf(bank, index, removals, most)),
  };
}

function bankOf(
  { id, module, shape, filters }: FilterBank,
  index: number,
  removals: ReadonlyMap<string, study.Removal>,
  most: number,
): Html {
  const several = shape[0]! > 1;
  const items = filters.map((filter, number) => {
    const rise = removals.get(filter.id)?.lossIncrease ?? Number.NaN;
    const filled = most > 0 && rise > 0 ? rise / most : 0;
    return html`<li>${imageOf(filter.picture, `filter ${number} of ${module}`)}
<span class="meter s${index % 4}" style="--share:${filled.toFixed(3)}"></span><span class="caption"><b>${number}</b> <span>${signed(rise)}</span></span></li>`;
  });
  const tiles = several ? `; the ${shape[0]} small squares are the channels that it reads` : "";
  return html`<div class="panel"><h3>${module} <small>${id} · ${filters.length} filters of ${sizes(shape)}${tiles}</small></h3>
<ul class="bank${several ? " deep" : ""}">${items}</ul></div>`;
}
