/** A particle worked out on numbers, element by element: what `explain` prints and the laboratory draws. */
import { definedInOne } from "../../core/defined.ts";
import {
  type AnyParticle,
  type Cost,
  type Example,
  type ParticleOf,
  type SeveralParticleOf,
  symbolOf,
} from "../../core/particle.ts";
import { costFor } from "../../core/plans.ts";
import { type Nested, sizeOf } from "../../core/shape.ts";
import { QuarkError } from "../../errors.ts";
import { computed, type Given, type Inputs, inputsOf, moved, slopes } from "../numbers/gradcheck.ts";
import { rightSides } from "./arithmetic.ts";

export interface WorkOutOptions {
  /** Own numbers: nested arrays for all ports of the example or some. */
  readonly inputs?: Readonly<Record<string, Nested>>;
  /** Own attributes, all of them or some. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /**
   * The gradient that arrives at the output, row by row. 1 everywhere by default, or 1, 2, 3, … where ones cancel out,
   * as in softmax.
   */
  readonly grad?: ArrayLike<number>;
  /** How many elements each input and the output may have. 64 by default. */
  readonly most?: number;
}

/** The gradient of one port, element by element. */
export interface WorkedGradient {
  /** By the particle's backward. */
  readonly backward: Float64Array;
  /** By central differences of its definition. */
  readonly difference: Float64Array;
  /** What it is the sum of: for each element, the outputs that it is part of, and ∂y/∂x at each. */
  readonly terms: readonly (readonly { readonly output: number; readonly slope: number }[])[];
}

export interface WorkedOut {
  readonly inputs: Inputs;
  /** What the arithmetic calls each port: `x` for `input`. */
  readonly symbols: Readonly<Record<string, string>>;
  readonly attributes: unknown;
  /** By the kernels. */
  readonly output: Given;
  /** The same by the definition, in float64. */
  readonly defined: Float64Array;
  /** How each element of the output comes about, with the numbers put in. */
  readonly arithmetic: readonly string[];
  /** For each port, the elements of it that each element of the output depends on. */
  readonly reads: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** The gradient that arrives at the output. */
  readonly grad: Float64Array;
  /** One entry a port that gets a gradient; empty where the particle has no backward. */
  readonly gradients: Readonly<Record<string, WorkedGradient>>;
  readonly cost: Cost;
}

/**
 * Computes a particle by the real kernels, forward and backward, and finds out by asking its definition what each
 * number is made of.
 *
 * @throws QuarkError where the particle has no example and `inputs` are not given, and where there are more than `most`
 * elements.
 */
export function workOut<Ports extends object, Attributes>(
  particle: ParticleOf<Ports, Attributes> | SeveralParticleOf<Ports, Attributes, object>,
  options: WorkOutOptions = {},
): WorkedOut {
  return worked(particle as AnyParticle, options);
}

function worked(particle: AnyParticle, options: WorkOutOptions): WorkedOut {
  const example = exampleOf(particle, options);
  const { attributes } = example;
  const inputs = inputsOf(particle, example);
  const shapes = Object.fromEntries(Object.entries(inputs).map(([port, { shape }]) => [port, shape]));
  const { output } = computed(particle, inputs, attributes);
  checkSizes(particle.name, [output, ...Object.values(inputs)], options.most ?? 64);
  const { grad, gradients } = particle.backward
    ? gradientsOf(particle, inputs, attributes, sizeOf(output.shape), options.grad)
    : { grad: new Float64Array(sizeOf(output.shape)), gradients: {} };
  return {
    inputs,
    symbols: Object.fromEntries(Object.keys(inputs).map((port) => [port, symbolOf(particle, port)])),
    attributes,
    output,
    defined: Float64Array.from(definedInOne(particle, inputs, attributes)),
    arithmetic: rightSides(particle, inputs, attributes, output),
    reads: readsOf(particle, inputs, attributes),
    grad,
    gradients: Object.fromEntries(
      Object.entries(gradients).map(([port, backward]) => [
        port,
        gradientOf(particle, inputs, attributes, port, backward, grad),
      ]),
    ),
    cost: costFor(particle, shapes, attributes),
  };
}

function checkSizes(name: string, values: readonly Given[], most: number): void {
  const largest = Math.max(...values.map(({ shape }) => sizeOf(shape)));
  if (largest > most) {
    throw new QuarkError(`${name}: ${largest} elements are too many to follow one by one; give at most ${most}`);
  }
}

function exampleOf(particle: AnyParticle, { inputs, attributes }: WorkOutOptions): Example<object, unknown> {
  const { name, example } = particle;
  if (!example && !inputs) throw new QuarkError(`${name}: there is no example to explain it by; give inputs`);
  const shown = example?.attributes as object | undefined;
  return {
    inputs: { ...example?.inputs, ...inputs },
    ...(example?.dtypes && { dtypes: example.dtypes }),
    attributes: shown || attributes ? { ...shown, ...attributes } : undefined,
  };
}

function gradientsOf(
  particle: AnyParticle,
  inputs: Inputs,
  attributes: unknown,
  size: number,
  given: ArrayLike<number> | undefined,
) {
  const grad = given ? Float64Array.from(given) : new Float64Array(size).fill(1);
  const { gradients } = computed(particle, inputs, attributes, grad);
  const tells = Object.values(gradients).some((gradient) => gradient.some((value) => Math.abs(value) > 1e-6));
  if (given || tells) return { grad, gradients };
  const counting = grad.map((_, index) => index + 1);
  return { grad: counting, gradients: computed(particle, inputs, attributes, counting).gradients };
}

function gradientOf(
  particle: AnyParticle,
  inputs: Inputs,
  attributes: unknown,
  port: string,
  backward: Float64Array,
  grad: Float64Array,
): WorkedGradient {
  const difference = new Float64Array(backward.length);
  const terms = Array.from(backward, (_, index) => {
    const list: { output: number; slope: number }[] = [];
    slopes(particle, inputs, attributes, port, index).forEach((local, output) => {
      difference[index]! += grad[output]! * local;
      const slope = withoutRounding(local);
      if (slope !== 0) list.push({ output, slope });
    });
    difference[index] = withoutRounding(difference[index]!);
    return list;
  });
  return { backward, difference, terms };
}

/** Without the rounding of a difference quotient. */
function withoutRounding(value: number): number {
  return Number(value.toFixed(8)) + 0;
}

/**
 * An output reads an element where any of a few other values of it changes the output; NaN shows through a weight of 0,
 * too.
 */
function readsOf(particle: AnyParticle, inputs: Inputs, attributes: unknown): WorkedOut["reads"] {
  const base = definedInOne(particle, inputs, attributes);
  return Object.fromEntries(
    Object.entries(inputs).map(([port, { data, dtype }]) => {
      const lists = Array.from(base, (): number[] => []);
      for (let index = 0; index < data.length; index++) {
        const steps = dtype === "float32" ? [Number.NaN, 1e3, -1e3, 0.5, -0.5] : [1, -1];
        const changed = steps.map((step) => definedInOne(particle, moved(inputs, port, index, step), attributes));
        lists.forEach((list, at) => {
          if (changed.some((values) => !Object.is(values[at], base[at]))) list.push(index);
        });
      }
      return [port, lists];
    }),
  );
}
