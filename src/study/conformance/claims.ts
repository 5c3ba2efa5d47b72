/** What a particle is held to. */

import type { DType } from "../../core/dtype.ts";
import type { Values } from "../../core/particle.ts";
import type { Nested, Shape } from "../../core/shape.ts";
import type { Range } from "../numbers/values.ts";

/**
 * What a sample says of a port: its shape, to be filled with numbers, or the numbers themselves, of a tensor for
 * instance.
 */
export type Given = Shape | (Values & { readonly dtype?: DType });

// biome-ignore lint/suspicious/noConfusingVoidType: attributes are void where an op has none
type Attributed<Attributes> = [Attributes] extends [undefined | void]
  ? { readonly attributes?: undefined }
  : { readonly attributes: Attributes };

/** Inputs and attributes to try a particle on. */
export type Sample<Ports extends object, Attributes> = {
  readonly inputs: { readonly [Port in keyof Ports]: Given };
} & Attributed<Attributes>;

/**
 * One row of the table of special values: inputs, expected output, and gradients where `grad` arrives at the output.
 */
export type Row<Ports extends object, Attributes> = {
  readonly inputs: { readonly [Port in keyof Ports]: Nested | Values };
  readonly output?: Nested | Values;
  readonly grad?: Nested | Values;
  /** The same by name, for a particle of several outputs. */
  readonly outputs?: Readonly<Record<string, Nested | Values>>;
  readonly grads?: Readonly<Record<string, Nested | Values>>;
  readonly gradients?: { readonly [Port in keyof Ports]?: Nested | Values };
} & Attributed<Attributes>;

/** Inputs and attributes that a particle must not take. */
export type Refusal<Ports extends object, Attributes> = Sample<Ports, Attributes> & {
  /** The class of the error, which has to come before any memory is taken. */
  readonly error: abstract new (
    ...args: never
  ) => Error;
  /** The whole message, or what it has to match. */
  readonly message?: string | RegExp;
};

/**
 * How near the output has to be to its definition:
 *
 * - `"exact"`: the definition rounded once, on any input whatever. Moving elements, + − × ÷ √, comparisons.
 * - `"sums"`: the tolerance of a sum of products; integers exactly. The op must be linear in each float32 port.
 * - `{ ulp }`: within so many units in the last place. Functions of one element.
 * - `{ relative, absolute }`: |a − b| ≤ relative·|b| + absolute.
 * - a function: the tolerance of each element of the output.
 */
export type Accuracy<Attributes> =
  | "exact"
  | "sums"
  | { readonly ulp: number }
  | { readonly relative: number; readonly absolute?: number }
  | ((at: Record<string, Values>, attributes: Attributes, expected: ArrayLike<number>) => ArrayLike<number>);

export interface Claims<Ports extends object, Attributes> {
  /** `{ relative: 1e-5, absolute: 1e-6 }` by default. */
  readonly accuracy?: Accuracy<Attributes>;
  /**
   * Whether the op is linear in each float32 port by itself, so that differences are exact. By default where `"sums"`.
   */
  readonly multilinear?: boolean;
  /** For sums: how many products make an output, where a run of the definition on ones does not tell (a mean). */
  readonly terms?: (at: { readonly [Port in keyof Ports]: Shape }, attributes: Attributes) => number;
  /** For sums: by what the tolerance is multiplied, for algorithms that are less accurate than the plain sum. */
  readonly slack?: number;
  /** For sums: whether integers give exact integers. True by default. */
  readonly exactIntegers?: boolean;
  /** Where real inputs are drawn from; [−2, 2] and, outside gradients, many powers of two by default. */
  readonly range?: Range | { readonly [Port in keyof Ports]?: Range };
  /** Values where the op has a kink: inputs of the gradient check keep away from them. */
  readonly avoid?: readonly number[] | ((attributes: Attributes) => readonly number[]);
  /** Inputs of the gradient check are all distinct, for ops that choose among elements. */
  readonly distinct?: boolean;
  /** Float32 ports that have no gradient. */
  readonly constants?: readonly (keyof Ports)[];
  /**
   * Nearness of a gradient, relative to Σ |∂y/∂x|·|grad| and absolute: 1e-5 and 1e-6 by default. Not for `multilinear`.
   */
  readonly gradient?: { readonly relative: number; readonly absolute: number };
  /** The ports among whose elements NaN, infinities, −0 and denormals are planted; all that are float32 by default. */
  readonly plantIn?: readonly (keyof Ports)[];
  /** Ports whose axis 0 is the batch, which must not influence a sample's bits. */
  readonly batch?: readonly (keyof Ports)[];
  /** Samples so large that threads share them, which must not influence a bit. */
  readonly large?: readonly Sample<Ports, Attributes>[];
  /** Special values, ties and worked examples. */
  readonly special?: readonly Row<Ports, Attributes>[];
  /** Inputs that the particle must not take. */
  readonly refuses?: readonly Refusal<Ports, Attributes>[];
  /** Each wrong call, the class of its error and the whole message. */
  readonly errors?: readonly (readonly [() => unknown, abstract new (...args: never) => Error, string])[];
  /** Whether summary and example have to be there, so that `study.explain` can show the op. */
  readonly documented?: boolean;
}

/** Claims on a particle whose ports are not known. */
export type AnyClaims = Claims<Record<string, 1>, unknown>;
export type AnySample = Sample<Record<string, 1>, unknown>;
