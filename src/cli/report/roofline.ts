/**
 * The chart of speed over arithmetic intensity: which particles wait for memory, and how near the others come to the
 * peak.
 */
import { scaleLog } from "d3-scale";
import { axisName, chart, columns, round, rows } from "./chart.ts";
import { type Html, html } from "./html.ts";
import { labelled } from "./labels.ts";
import type { Part } from "./parts.ts";

const height = 320;
const [top, bottom, left, right] = [34, height - 44, 48, 16];

/**
 * The particles that compute something, `peak` as a line above them; `classOf` gives the class that colours a particle.
 */
export function roofline(parts: readonly Part[], peak: number, classOf: (id: string) => string): Html {
  const drawn = parts.filter(({ flopsPerSecond, batchIntensity }) => flopsPerSecond > 0 && batchIntensity > 0);
  const label = `Operations a second over operations a byte. ${drawn.map(({ id, flopsPerSecond }) => `${id} ${giga(flopsPerSecond)}`).join(", ")}; the peak of one thread is ${giga(peak)} billion a second.`;
  return chart(label, 520, (width) => {
    const intensities = drawn.map(({ batchIntensity }) => batchIntensity);
    const speeds = drawn.map(({ flopsPerSecond }) => flopsPerSecond / 1e9);
    const x = scaleLog()
      .domain([Math.min(0.1, ...intensities) / 1.4, Math.max(10, ...intensities) * 1.6])
      .range([left, width - right]);
    const y = scaleLog()
      .domain([Math.min(1, ...speeds) / 1.3, Math.max(peak / 1e9, ...speeds) * 1.5])
      .range([bottom, top]);
    const roof = round(y(peak / 1e9));
    const points = drawn.map(({ id, batchIntensity, flopsPerSecond }) => {
      return { name: id, x: round(x(batchIntensity)), y: round(y(flopsPerSecond / 1e9)) };
    });
    const names = labelled(points, [left, width], [{ left, right: width, top: roof - 18, bottom: roof + 3 }]);
    return {
      height,
      body: [
        ...rows(ticksOf(y, [1, 2, 5]), y, left, width - right),
        ...columns(ticksOf(x, [1]), x, top, bottom),
        axisName("billion operations a second", 0, 12),
        axisName("operations a byte", width - right, height - 6, "end"),
        html`<line class="roof" x1="${left}" x2="${width - right}" y1="${roof}" y2="${roof}"/>`,
        html`<text class="note" x="${left + 6}" y="${roof - 6}">peak of one thread: ${giga(peak)}</text>`,
        ...names.flatMap(({ x: to, y: line, far }) =>
          far
            ? html`<line class="leader" x1="${far.x}" y1="${far.y}" x2="${to > far.x ? to - 2 : to + 2}" y2="${round(line - 4)}"/>`
            : [],
        ),
        ...points.map(({ x: cx, y: cy, name }, index) => {
          const title = html`<title>${name}: ${giga(drawn[index]!.flopsPerSecond)} billion operations a second</title>`;
          return html`<circle class="${classOf(name)}" cx="${cx}" cy="${cy}" r="5.5">${title}</circle>`;
        }),
        ...names.map(
          ({ x: at, y: line, name, anchor }) =>
            html`<text class="name" x="${round(at)}" y="${round(line)}" text-anchor="${anchor}">${name}</text>`,
        ),
      ],
    };
  });
}

/** These multiples of the powers of ten, as far as they lie within the scale. */
function ticksOf(scale: { domain(): number[] }, multiples: readonly number[]): number[] {
  const [least = 1, most = 1] = scale.domain();
  const powers = [0.001, 0.01, 0.1, 1, 10, 100, 1000, 10_000];
  return powers
    .flatMap((power) => multiples.map((multiple) => multiple * power))
    .filter((tick) => tick >= least && tick <= most);
}

function giga(perSecond: number): string {
  return (perSecond / 1e9).toPrecision(3);
}
