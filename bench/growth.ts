/** `npm run bench -- --growth`: nanoseconds an element (or a product of two numbers) as the work grows. */
import Table from "cli-table3";
import { growthWorks, prepared } from "./compare/growthWorks.ts";
import { measure } from "./measure.ts";

export interface Grown {
  readonly name: string;
  readonly cells: readonly {
    readonly size: number;
    /** Of the fastest sample and of the median, in nanoseconds. */
    readonly fastest: number;
    readonly median: number;
    /** Share of the peak that was measured between the samples, in per cent; 0 where arithmetic does not decide. */
    readonly ofPeak: number;
  }[];
}

export function growth(wanted: (name: string) => boolean, milliseconds: number, threads: number): Grown[] {
  return growthWorks
    .filter(({ name }) => wanted(name))
    .map((work) => ({
      name: work.name,
      cells: work.sizes.map((size) => {
        const { run, release } = prepared(work, size);
        const elements = work.elements(size);
        const flops = elements * (work.flops ?? 0);
        const row = measure({ name: work.name, flops, bytes: 0, run }, milliseconds, threads);
        release();
        const nanoseconds = (time: number) => (1e6 * time) / elements;
        return { size, fastest: nanoseconds(row.fastest), median: nanoseconds(row.median), ofPeak: row.ofPeak };
      }),
    }));
}

export function grownText(rows: readonly Grown[]): string {
  const most = Math.max(0, ...rows.map(({ cells }) => cells.length));
  const table = new Table({
    head: ["nanoseconds an element, fastest (median)", ...Array.from({ length: most }, () => "")],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, cells } of rows) {
    table.push([
      name,
      ...cells.map(({ size, fastest, median, ofPeak }) => {
        const share = ofPeak > 0 ? `, ${shareOf(ofPeak)} of peak` : "";
        return `${size}: ${fastest.toPrecision(3)} (${median.toPrecision(3)})${share}`;
      }),
    ]);
  }
  return `${table}\nOf products: nanoseconds a product. The peak is that of a loop in registers, timed between the samples.`;
}

/** No loop is faster than the peak: more than 100 % says how unsteady the machine was. */
function shareOf(perCent: number): string {
  return perCent > 100 ? `100 % (${perCent.toFixed(0)}, noise)` : `${perCent.toFixed(0)} %`;
}
