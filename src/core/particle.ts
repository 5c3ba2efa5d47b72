import type { Storage } from "../engine/storage.ts";
import type { DType } from "./dtype.ts";
import type { Nested, Shape } from "./shape.ts";

/** A tensor as a kernel sees it: where it lies, its dtype and shape. `storage` is there for values derived from it. */
export interface Block {
  readonly ptr: number;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly size: number;
  readonly storage: Storage;
}

/** A tensor as a definition sees it: its shape and its values, row-major, in float64. */
export interface Values {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/** A block besides the outputs that backward may keep: the argmax of a pool, the mask of a dropout. */
export interface Auxiliary {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What one application costs: floating-point operations, and bytes read and written if each is touched once. */
export interface Cost {
  readonly flops: number;
  readonly bytes: number;
  /** Products that are summed up, as matrix products and convolutions make them: multiply–adds, without a bias. 0 by default. */
  readonly products?: number;
}

/** One `T` for each port; an optional port (`bias?`) stays optional. */
export type Of<Ports, T> = { readonly [Port in keyof Ports]: T };

type Output = { output: 1 };
type Gradient = { grad: 1 };

/** Inputs of an op as nested arrays, and its attributes. */
export interface Example<Ports, Attributes> {
  readonly inputs: Of<Ports, Nested>;
  readonly attributes?: Attributes;
  /** The dtypes of ports that take any, where the example's is not float32. */
  readonly dtypes?: Partial<Of<Ports, DType>>;
}

/** How an application comes apart into kernels that compute a slice of the output each. */
export interface KernelSplit<Ports, Attributes> {
  /** What one of them is called: `filter`, `neuron`. */
  readonly kind: string;
  /** The axis of the output along which their results are joined; counted from the end where negative. */
  readonly axis: number;
  /** The ports that are cut along their first axis, one entry a kernel: the weight, then the others. */
  readonly ports: readonly (keyof Ports)[];
  /** The axis of the first of these ports along which the channels of the input lie. */
  readonly inputAxis: number;
  /** The part of a port that kernel `index` sees, where it does not see all: the channels of its group. */
  view?(
    index: number,
    at: Of<Ports, Shape>,
    attributes: Attributes,
  ): { readonly port: keyof Ports; readonly axis: number; readonly start: number; readonly end: number } | undefined;
  /** The attributes of one kernel, where they are not those of the whole. */
  attributes?(attributes: Attributes): Attributes;
}

/** Bytes of scratch memory, for each direction apart: inference never reserves what backward takes. */
export interface Workspace {
  readonly forward?: number;
  readonly backward?: number;
}

/**
 * One differentiable op, declared once: everything that autograd, tests, benchmarks, pages and pictures know about it.
 * The engine allocates, the particle computes: it is handed blocks, calls kernels and returns nothing, so it cannot leak.
 *
 * `Ports` names the inputs (`{ input: 1; weight: 1; bias?: 1 }`), `Keep` the blocks that backward reads, `Aux` the further blocks that
 * forward fills, `Plan` what one application works out. `at` below holds one entry a port; `workspace` is the address of the bytes
 * that `workspace()` asks for.
 *
 * **The plan.** What follows from shapes and attributes is worked out once, by `plan`: checks, geometry, tables. All that comes after
 * takes the plan and no attributes. A particle that writes none gets its attributes as its plan. The engine caches plans by the values
 * of shapes and attributes. Attributes are plain data: numbers, texts, truth values, arrays and records of them. `plan` gets a frozen
 * copy, so that nothing of the caller's is read after the op returned.
 */
interface Declaration<Ports extends object, Attributes, Aux extends object, Plan, Outputs extends object> {
  /** `conv2d`: also the name of its files. */
  readonly name: string;
  /** What it does, in one sentence; the first of its page. */
  readonly summary?: string;
  /** As on paper. */
  readonly formula: string;
  /** What formulas call its ports and attributes, where that is neither their own name nor usual (`symbolOf`). */
  readonly symbols?: Readonly<Record<string, string>>;
  /** For an element-wise op: one element of the output, from numbers by their symbols (`x`, `slope`), with `term` around it. */
  element?(at: Readonly<Record<string, string>>): string;
  /** What an element of the output is, given those that it reads: `max(1, 2)`. By default the op of them. */
  among?(elements: string): string;
  /** Numbers to show it by, few enough to follow by hand. */
  readonly example?: Example<Ports, Attributes>;
  /** The dtype of each port that is not float32; `"any"` leaves it free, and in place of the ports leaves all of them free. */
  readonly dtypes?: Partial<Of<Ports, DType | "any">> | "any";
  /**
   * The ports whose blocks forward changes in place: running statistics of a norm. The engine raises their version, so that a step that
   * kept such a block is refused. No gradient flows to them.
   */
  readonly state?: readonly (keyof Ports)[];
  /** Whether forward changes the state at all; true by default. A norm in evaluation only reads it. */
  updates?(plan: Plan): boolean;
  /** The state after forward by naive loops in float64, where it is updated. */
  stateAfter?(at: Of<Ports, Values>, attributes: Attributes): Partial<Of<Ports, ArrayLike<number>>>;
  /** For layers made of filters or neurons: how they are taken apart. One kernel alone gives the bits that it gives among the others. */
  readonly kernels?: KernelSplit<Ports, Attributes>;
  /** Checks shapes and attributes and works out what all of the following need. Without it, the attributes are the plan. */
  plan?(at: Of<Ports, Shape>, attributes: Attributes): Plan;
  /** Further blocks for backward to keep, which are not handed out. */
  aux?(at: Of<Ports, Shape>, plan: Plan): Of<Aux, Auxiliary>;
  /** Checks values that no shape shows, such as labels out of range, before any memory is taken. */
  check?(at: Of<Ports, Block>, plan: Plan): void;
  /** Bytes of scratch; the address is `at.workspace`. */
  workspace?(at: Of<Ports, Shape>, plan: Plan): Workspace;
  /** Fills the outputs and the auxiliary blocks. All of them hold garbage at first. */
  forward(at: Of<Ports & Aux & Outputs, Block> & { readonly workspace: number }, plan: Plan): void;
  /** The cost of one forward pass. */
  cost(at: Of<Ports, Shape>, plan: Plan): Cost;
  /** How each element of the output comes about, with the numbers put in, where `study.explain` cannot find that out by itself. */
  arithmetic?(at: Of<Ports, Values>, attributes: Attributes): readonly string[];
}

/** Two particles that can be done as one, which is a particle like others. */
export interface Fusion<Ports, Plan> {
  /** The port at which the output of `with` arrives. */
  readonly port: keyof Ports;
  readonly with: AnyParticle;
  /** The fused particle. It has the ports of `with`. */
  readonly as: AnyParticle;
  /** Whether it pays; always by default. */
  when?(plan: Plan): boolean;
  /** Its attributes, from those of `with` and of this particle; those of this particle by default. */
  // biome-ignore lint/suspicious/noExplicitAny: attributes are the particles' own business
  attributes?(first: any, own: any): unknown;
}

/** An op of one output, `output`. */
export interface Particle<
  Ports extends object,
  Attributes = void,
  Keep extends keyof (Ports & Aux & Output) = never,
  Aux extends object = object,
  Plan = Attributes,
> extends Declaration<Ports, Attributes, Aux, Plan, Output> {
  readonly outputs?: undefined;
  /** The blocks that backward reads; all others may be freed at once. */
  readonly keeps: readonly Keep[];
  /** The dtype of the output, or the port that gives it; float32 by default. */
  readonly outputDtype?: DType | keyof Ports;
  /** The port whose block the output shares: nothing is computed, only the shape changes (`reshape`). */
  readonly shares?: keyof Ports;
  /** Whether such an output waits until somebody looks at it, since a fused reader may do without it. Not for those with `aux`. */
  lazy?(at: Of<Ports, Shape>, plan: Plan): boolean;
  /** For particles of one port: what they become behind a lazy output that nobody has looked at. */
  readonly fused?: readonly Fusion<Ports, Plan>[];
  /** The shape of the output, or a ShapeError. Everything that can be wrong with the input is found here or in `plan`. */
  shape(at: Of<Ports, Shape>, plan: Plan): Shape;
  /**
   * Overwrites each block in `into` with the gradient of its port, given `grad`, that of the output. `into` holds only the
   * gradients that are wanted. A particle without it gives outputs that no gradient flows through.
   */
  backward?(
    at: Of<Pick<Ports & Aux & Output, Keep> & Gradient, Block> & { readonly workspace: number },
    into: Partial<Of<Ports, Block>>,
    plan: Plan,
  ): void;
  /** The output's values by naive loops in float64: what the kernels have to compute, and what a student reads first. */
  definition(at: Of<Ports, Values>, attributes: Attributes): ArrayLike<number>;
}

/** One output among several. */
export interface OutputRule<Ports> {
  readonly shape: Shape;
  /** Or the port that gives it; float32 by default. */
  readonly dtype?: DType | keyof Ports;
  /** Whether gradients flow through it; by default where it is float32. */
  readonly differentiable?: boolean;
}

/**
 * An op of several outputs: `{ values: 1; indices: 1 }`. `apply` returns a record of tensors by these names; there may be any number of
 * them (`{ [name in `output${number}`]: 1 }`).
 */
export interface SeveralParticle<
  Ports extends object,
  Attributes,
  Outputs extends object,
  Keep extends keyof (Ports & Aux & Outputs) = never,
  Aux extends object = object,
  Plan = Attributes,
> extends Declaration<Ports, Attributes, Aux, Plan, Outputs> {
  readonly shape?: undefined;
  readonly shares?: undefined;
  readonly lazy?: undefined;
  readonly fused?: undefined;
  readonly outputDtype?: undefined;
  /** The blocks that backward reads; all others may be freed at once. */
  readonly keeps: readonly Keep[];
  /** Shape and dtype of each output, in their order, or a ShapeError. */
  outputs(at: Of<Ports, Shape>, plan: Plan): Of<Outputs, OutputRule<Ports>>;
  /**
   * Overwrites each block in `into` with the gradient of its port, given `grads`: one entry for each output that a gradient arrived
   * at, at least one.
   */
  backward?(
    at: Of<Pick<Ports & Aux & Outputs, Keep>, Block> & {
      readonly grads: Partial<Of<Outputs, Block>>;
      readonly workspace: number;
    },
    into: Partial<Of<Ports, Block>>,
    plan: Plan,
  ): void;
  /** The values of each output by naive loops in float64. */
  definition(at: Of<Ports, Values>, attributes: Attributes): Of<Outputs, ArrayLike<number>>;
}

/** A particle of one output of which only ports and attributes matter. */
const usualSymbols: Readonly<Record<string, string>> = { input: "x", weight: "w", bias: "b", target: "t" };

/** What the formula of a particle calls a port or an attribute: `x` for input, `w` for weight, `b` for bias, `t` for target. */
export function symbolOf({ symbols }: Pick<AnyParticle, "symbols">, name: string): string {
  return symbols?.[name] ?? usualSymbols[name] ?? name;
}

/** A particle of which only ports and attributes matter. */
// biome-ignore lint/suspicious/noExplicitAny: what is kept, added and worked out concerns only the particle
export type ParticleOf<Ports extends object, Attributes> = Particle<Ports, Attributes, any, any, any>;

/** A particle of several outputs of which only ports, attributes and outputs matter. */
export type SeveralParticleOf<Ports extends object, Attributes, Outputs extends object> = SeveralParticle<
  Ports,
  Attributes,
  Outputs,
  // biome-ignore lint/suspicious/noExplicitAny: what is kept, added and worked out concerns only the particle
  any,
  // biome-ignore lint/suspicious/noExplicitAny: as above
  any,
  // biome-ignore lint/suspicious/noExplicitAny: as above
  any
>;

/** A particle whose ports and attributes are not known: what the engine and the readers of the list handle. */
// biome-ignore lint/suspicious/noExplicitAny: ports and attributes differ from particle to particle
export type AnyParticle = Particle<any, any, any, any, any> | SeveralParticle<any, any, any, any, any, any>;
