/** Charts of what removals did: all filters by rank, and each cheap estimate against the measured rise. */
import { scaleBand, scaleLinear } from "d3-scale";
import type { study } from "../../index.ts";
import { axisName, chart, columns, round, rows } from "./chart.ts";
import { signed } from "./figures.ts";
import { type Html, html } from "./html.ts";

/** A bar for each filter, the most needed first; `classOf` colours a module's bars. */
export function rankChart(filters: readonly study.Removal[], classOf: (module: string) => string): Html {
  const sorted = filters.filter(finite).sort((a, b) => b.lossIncrease - a.lossIncrease);
  const rises = sorted.map(({ lossIncrease }) => lossIncrease);
  const label = `The rise of the loss for each of ${sorted.length} filters, from ${signed(rises[0] ?? 0)} to ${signed(rises.at(-1) ?? 0)}.`;
  return chart(label, 1080, (width) => {
    const [height, top, bottom, left] = [280, 34, 250, 60];
    const y = scaleLinear()
      .domain([Math.min(0, ...rises), Math.max(0, ...rises) || 1])
      .nice()
      .range([bottom, top]);
    const x = scaleBand<number>()
      .domain(sorted.map((_, index) => index))
      .range([left, width])
      .paddingInner(width > 500 ? 0.25 : 0.1);
    return {
      height,
      body: [
        ...rows(y.ticks(5), y, left, width),
        axisName("rise of the loss when the filter is removed", 0, 12),
        axisName("filters, the most needed first", width, height - 8, "end"),
        ...sorted.map(({ id, module, lossIncrease }, index) => {
          const [from, to] = [y(Math.max(0, lossIncrease)), y(Math.min(0, lossIncrease))];
          const title = html`<title>${id} (${module}): ${signed(lossIncrease, 5)}</title>`;
          return html`<rect class="${classOf(module)}" x="${round(x(index)!)}" y="${round(from)}" width="${round(x.bandwidth())}" height="${round(Math.max(0.5, to - from))}">${title}</rect>`;
        }),
      ],
    };
  });
}

/** A point for each filter: the estimate to the right, the measured rise upwards. */
export function estimateChart(
  filters: readonly study.Removal[],
  { name, of }: { readonly name: string; of(removal: study.Removal): number },
  classOf: (module: string) => string,
): Html {
  const drawn = filters.filter(finite);
  return chart(`The rise of the loss over ${name}, a point for each filter.`, 520, (width) => {
    const [height, top, bottom, left, right] = [300, 34, 256, 60, 22];
    const rises = drawn.map(({ lossIncrease }) => lossIncrease);
    const estimates = drawn.map(of);
    const y = scaleLinear()
      .domain([Math.min(0, ...rises), Math.max(0, ...rises) || 1])
      .nice()
      .range([bottom, top]);
    const x = scaleLinear()
      .domain([0, Math.max(...estimates, 0) || 1])
      .nice()
      .range([left, width - right]);
    return {
      height,
      body: [
        ...rows(y.ticks(5), y, left, width - right),
        ...columns(x.ticks(4), x, top, bottom),
        axisName("measured rise of the loss", 0, 12),
        axisName(name, width - right, height - 6, "end"),
        ...drawn.map((removal, index) => {
          const { id, module, lossIncrease } = removal;
          const title = html`<title>${id} (${module}): ${signed(lossIncrease, 5)}, ${name} ${estimates[index]!.toPrecision(3)}</title>`;
          return html`<circle class="dot ${classOf(module)}" cx="${round(x(estimates[index]!))}" cy="${round(y(lossIncrease))}" r="4">${title}</circle>`;
        }),
      ],
    };
  });
}

function finite({ lossIncrease }: study.Removal): boolean {
  return Number.isFinite(lossIncrease);
}
