/** What flows through a model over a data set, and what flows back while it trains. */
import { noGrad } from "../../core/recording.ts";
import { scope } from "../../core/scope.ts";
import type { Shape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Dataset } from "../../data/dataset.ts";
import { DataError } from "../../errors.ts";
import type { Module } from "../../nn/module.ts";
import { decompose } from "../graph/decompose.ts";
import { inEvaluation } from "../graph/evaluation.ts";
import { madeBy } from "../graph/graphValues.ts";

/** Of some numbers. */
export interface Statistics {
  readonly count: number;
  readonly mean: number;
  /** The standard deviation of the numbers themselves (divided by their count). */
  readonly deviation: number;
  readonly smallest: number;
  readonly largest: number;
  /** The share of numbers that are exactly 0. */
  readonly zeros: number;
}

/** The values that one particle gave over a data set. */
export interface ActivationStatistics extends Statistics {
  readonly id: string;
  readonly module: string;
  /** Channels of a map, or features of a row: entries along the axis behind the batch. */
  readonly units: number;
  /** The units that were 0 for every sample, in every place. */
  readonly deadUnits: readonly number[];
}

/** The gradient of one parameter after a backward pass. */
export interface GradientStatistics extends Statistics {
  readonly name: string;
  /** The Euclidean norm of the gradient. */
  readonly norm: number;
  /** That norm divided by the norm of the parameter itself. */
  readonly relativeNorm: number;
}

export interface StatisticsOptions {
  /** Use the first samples only. */
  readonly limit?: number;
  /** Samples that are evaluated at once; 100 by default. */
  readonly batchSize?: number;
}

/**
 * Mean, deviation, extremes, share of zeros and dead units of every particle's output over `dataset`, in evaluation
 * mode, in the order of the graph. The model takes the batch's `images`.
 *
 * @throws DataError where there are no samples.
 */
export function activationStatistics(
  model: Module,
  dataset: Dataset<{ readonly images: Tensor }>,
  { limit = dataset.length, batchSize = 100 }: StatisticsOptions = {},
): ActivationStatistics[] {
  const samples = Math.min(limit, dataset.length);
  if (!(samples >= 1)) throw new DataError(`activationStatistics: ${samples} samples are too few; give at least 1`);
  return inEvaluation(model, () =>
    noGrad(() =>
      scope(() => {
        const graph = decompose(model, dataset.batch([0]).images);
        const sums = new Map(graph.nodes.map(({ id }) => [id, new Moments()]));
        const alive = new Map(graph.nodes.map(({ id, shape }) => [id, new Array<boolean>(unitsOf(shape)).fill(false)]));
        for (let start = 0; start < samples; start += batchSize) {
          const count = Math.min(batchSize, samples - start);
          scope(() => {
            const { images } = dataset.batch(Int32Array.from({ length: count }, (_, index) => start + index));
            graph.run(images, (node, value, name) => {
              const { id } = node;
              if (name !== madeBy(node)[0]!.name) return; // of several outputs the first
              sums.get(id)!.add(value.data);
              markAlive(alive.get(id)!, value);
            });
          }, "batch");
        }
        return graph.nodes.map(({ id, module }): ActivationStatistics => {
          const units = alive.get(id)!;
          const deadUnits = [...units.keys()].filter((unit) => !units[unit]);
          return { id, module, ...sums.get(id)!.statistics(), units: units.length, deadUnits };
        });
      }, "statistics"),
    ),
  );
}

/**
 * Statistics of the gradients that the parameters hold at this moment: to be called between `backward()` and
 * `zeroGrad()`, as often as one wants to look. Parameters without a gradient are left out.
 */
export function gradientStatistics(model: Module): GradientStatistics[] {
  const found: GradientStatistics[] = [];
  for (const [name, parameter] of model.namedParameters()) {
    if (!parameter.grad) continue;
    const moments = new Moments();
    moments.add(parameter.grad.data);
    const norm = normOf(parameter.grad);
    found.push({ name, ...moments.statistics(), norm, relativeNorm: norm / normOf(parameter) });
  }
  return found;
}

/** Mean and squared deviations, gathered part by part without loss by cancellation. */
class Moments {
  #count = 0;
  #mean = 0;
  #squares = 0;
  #smallest = Number.POSITIVE_INFINITY;
  #largest = Number.NEGATIVE_INFINITY;
  #zeros = 0;

  add(numbers: ArrayLike<number>): void {
    const count = numbers.length;
    if (count === 0) return;
    let sum = 0;
    for (let index = 0; index < count; index++) {
      const number = numbers[index]!;
      sum += number;
      if (number === 0) this.#zeros++;
      if (number < this.#smallest) this.#smallest = number;
      if (number > this.#largest) this.#largest = number;
    }
    const mean = sum / count;
    let squares = 0;
    for (let index = 0; index < count; index++) {
      const distance = numbers[index]! - mean;
      squares += distance * distance;
    }
    // Both parts' deviations, moved to their common mean.
    const all = this.#count + count;
    const distance = mean - this.#mean;
    this.#squares += squares + (distance * distance * this.#count * count) / all;
    this.#mean += (distance * count) / all;
    this.#count = all;
  }

  statistics(): Statistics {
    return {
      count: this.#count,
      mean: this.#mean,
      deviation: Math.sqrt(this.#squares / this.#count),
      smallest: this.#smallest,
      largest: this.#largest,
      zeros: this.#zeros / this.#count,
    };
  }
}

function unitsOf(shape: Shape): number {
  return shape[1] ?? 1;
}

function markAlive(alive: boolean[], { data, shape }: Tensor): void {
  const inner = shape.slice(2).reduce((product, length) => product * length, 1);
  for (let at = 0, unit = 0; at < data.length; at += inner, unit = (unit + 1) % alive.length) {
    if (alive[unit]) continue;
    for (let place = at; place < at + inner; place++) {
      if (data[place] === 0) continue;
      alive[unit] = true;
      break;
    }
  }
}

function normOf({ data }: Tensor): number {
  let sum = 0;
  for (let index = 0; index < data.length; index++) sum += data[index]! * data[index]!;
  return Math.sqrt(sum);
}
