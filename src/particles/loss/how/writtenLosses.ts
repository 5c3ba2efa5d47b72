/** What the losses share where their arithmetic is written out. */
import type { Values } from "../../../core/particle.ts";
import { written } from "../../../core/written.ts";
import type { Reduction } from "./losses.ts";

/** The losses of elements or samples, written out and reduced; a mean divides by `divisor`, or by their number. */
export function writtenReduction(
  losses: readonly string[],
  reduction: Reduction,
  divisor: string = `${losses.length}`,
): string[] {
  if (reduction === "none") return [...losses];
  const terms =
    losses.length > 1 ? losses.map((loss) => (/ [+−] /.test(outermost(loss)) ? `(${loss})` : loss)) : losses;
  const sum = terms.join(" + ") || "0";
  if (reduction === "sum") return [sum];
  return [`${/ [+−] /.test(outermost(sum)) ? `(${sum})` : sum} / ${divisor}`];
}

/** The text without what stands in brackets or between bars. */
function outermost(text: string): string {
  let rest = text;
  for (let before = ""; before !== rest; ) {
    before = rest;
    rest = rest.replace(/\([^()]*\)|\|[^|]*\|/g, "");
  }
  return rest;
}

/** The labels of samples that count, and by what a mean over them is divided: their number, or the sum of their weights. */
export function writtenDivisor(labels: readonly number[], weight: Values | undefined): string {
  if (!weight) return `${labels.length}`;
  if (labels.length === 0) return "0";
  const weights = labels.map((label) => written(weight.data[label]!));
  return weights.length === 1 ? weights[0]! : `(${weights.join(" + ")})`;
}

/** `e^1 + e^(−2)` */
export function writtenPowers(exponents: readonly number[]): string {
  return exponents.map((x) => `e^${written(x)}`).join(" + ");
}
