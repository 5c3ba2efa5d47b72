/** Gradients by central differences of a particle's float64 definition. */
import { definedInOne } from "../../core/defined.ts";
import type { AnyParticle, Values } from "../../core/particle.ts";
import type { Filled } from "./values.ts";

/** A gradient, and what its rounding is measured by. */
export interface Difference {
  /** Σ grad[i]·∂y[i]/∂x[j] for each j. */
  readonly gradient: Float64Array;
  /** The same sum over absolute values. */
  readonly scale: Float64Array;
  /** How many terms of that sum are not zero. */
  readonly terms: Float64Array;
}

export class Differences {
  readonly inputs: Readonly<Record<string, Filled>>;
  /** What float64 itself loses in a difference. */
  readonly noise: number;
  readonly #particle: AnyParticle;
  readonly #attributes: unknown;
  readonly #grad: ArrayLike<number>;
  readonly #linear: boolean;

  /**
   * `linear`: the op is linear in each port by itself, so that a step of 1 is exact and has no rounding on integers.
   */
  constructor(
    particle: AnyParticle,
    inputs: Readonly<Record<string, Filled>>,
    attributes: unknown,
    grad: ArrayLike<number>,
    linear: boolean,
  ) {
    this.inputs = inputs;
    this.#particle = particle;
    this.#attributes = attributes;
    this.#grad = grad;
    this.#linear = linear;
    const output = definedInOne(particle, inputs, attributes);
    let size = 0;
    for (let index = 0; index < output.length; index++) size += Math.abs(grad[index]! * output[index]!);
    this.noise = (4 * Number.EPSILON * size) / (linear ? 1 : 1e-5);
  }

  /** With respect to each element of `port`. */
  all(port: string): Difference {
    const { data } = this.inputs[port]!;
    const gradient = new Float64Array(data.length);
    const scale = new Float64Array(data.length);
    const terms = new Float64Array(data.length);
    for (let index = 0; index < data.length; index++) {
      const changes = this.#changes(port, (values, step) => (values[index]! += step), this.#step(data[index]!));
      for (let output = 0; output < changes.length; output++) {
        const term = this.#grad[output]! * changes[output]!;
        gradient[index]! += term;
        scale[index]! += Math.abs(term);
        if (term !== 0) terms[index]!++;
      }
    }
    return { gradient, scale, terms };
  }

  /** Along `direction` in the space of `port`: the slope of Σ grad·y. */
  along(port: string, direction: Float64Array): number {
    const changes = this.#changes(
      port,
      (values, step) => {
        for (let index = 0; index < values.length; index++) values[index]! += step * direction[index]!;
      },
      this.#step(1),
    );
    let slope = 0;
    for (let output = 0; output < changes.length; output++) slope += this.#grad[output]! * changes[output]!;
    return slope;
  }

  #step(at: number): number {
    return this.#linear ? 1 : 1e-5 * Math.max(1, Math.abs(at));
  }

  /** ∂y/∂step for each element of the output. */
  #changes(port: string, move: (values: Float64Array, step: number) => void, step: number): Float64Array {
    const at = (sign: 1 | -1): ArrayLike<number> => {
      const { shape, data } = this.inputs[port]!;
      const moved = Float64Array.from(data);
      move(moved, sign * step);
      const values: Record<string, Values> = { ...this.inputs, [port]: { shape, data: moved } };
      return definedInOne(this.#particle, values, this.#attributes);
    };
    const ahead = at(1);
    const behind = at(-1);
    return Float64Array.from(ahead, (value, index) => (value - behind[index]!) / (2 * step));
  }
}
