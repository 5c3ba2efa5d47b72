import { applied } from "../../core/apply.ts";
import { backward } from "../../core/backward.ts";
import { tensor } from "../../core/creation.ts";
import { definedInOne } from "../../core/defined.ts";
import type { DType } from "../../core/dtype.ts";
import { Generator } from "../../core/generator.ts";
import type { AnyParticle, Example, ParticleOf, SeveralParticleOf, Values } from "../../core/particle.ts";
import { enableGrad } from "../../core/recording.ts";
import { scope } from "../../core/scope.ts";
import { type Shape, sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { GraphError, QuarkError } from "../../errors.ts";
import { Differences } from "./differences.ts";

/** Values as the kernels see them, rounded to their dtype, with their dtype. */
export interface Given extends Values {
  readonly data: Float64Array;
  readonly dtype: DType;
}

export type Inputs = Readonly<Record<string, Given>>;

/** The numbers of nested arrays, each rounded to the dtype that its port takes. */
export function inputsOf(particle: AnyParticle, { inputs, dtypes }: Example<object, unknown>): Inputs {
  const given: Record<string, Given> = {};
  for (const [port, nested] of Object.entries(inputs)) {
    if (nested === undefined) continue;
    const declared = particle.dtypes === "any" ? "any" : (particle.dtypes as Record<string, DType | "any">)?.[port];
    const free = (dtypes as Record<string, DType> | undefined)?.[port] ?? "float32";
    const dtype = declared === undefined ? "float32" : declared === "any" ? free : declared;
    given[port] = scope(() => {
      const { shape, data } = tensor(nested as number, { dtype });
      return { shape, data: Float64Array.from(data), dtype };
    });
  }
  return given;
}

/**
 * The output by the kernels and, where `grad` arrives at it, the gradients by the engine's backward. Several outputs
 * stand one after the other, in `output` and in `grad`.
 */
export function computed(
  particle: AnyParticle,
  inputs: Inputs,
  attributes: unknown,
  grad?: ArrayLike<number>,
): { readonly output: Given; readonly gradients: Readonly<Record<string, Float64Array>> } {
  return scope(() =>
    enableGrad(() => {
      const tensors: Record<string, Tensor> = {};
      for (const [port, { shape, data, dtype }] of Object.entries(inputs)) {
        tensors[port] = tensor(data, { shape, dtype, requiresGrad: grad !== undefined && dtype === "float32" });
      }
      const outputs = Object.values(applied(particle, tensors, attributes));
      const gradients: Record<string, Float64Array> = {};
      if (grad && outputs.some(({ requiresGrad }) => requiresGrad)) {
        const reached: Tensor[] = [];
        const arriving: Tensor[] = [];
        let at = 0;
        for (const output of outputs) {
          const part = Float64Array.from({ length: output.size }, (_, index) => grad[at + index]!);
          at += output.size;
          if (!output.requiresGrad) continue;
          reached.push(output);
          arriving.push(tensor(part, { shape: output.shape, dtype: "float32" }));
        }
        backward(reached, arriving);
        for (const port in tensors) {
          if (tensors[port]!.grad) gradients[port] = Float64Array.from(tensors[port]!.grad.data);
        }
      }
      return { output: inOne(outputs), gradients };
    }),
  );
}

function inOne(outputs: readonly Tensor[]): Given {
  const { shape, dtype } = outputs[0]!;
  const data = Float64Array.from(outputs.flatMap((output) => Array.from(output.data)));
  return { shape: outputs.length === 1 ? shape : [data.length], dtype, data };
}

/** The inputs with one element of one port moved by `step`. */
export function moved(inputs: Inputs, port: string, index: number, step: number): Inputs {
  const data = Float64Array.from(inputs[port]!.data);
  data[index]! += step;
  return { ...inputs, [port]: { ...inputs[port]!, data } };
}

/** ∂y[o]/∂x[index] for each element o of the output, by central differences of the definition. */
export function slopes(
  particle: AnyParticle,
  inputs: Inputs,
  attributes: unknown,
  port: string,
  index: number,
): Float64Array {
  const step = 1e-5 * Math.max(1, Math.abs(inputs[port]!.data[index]!));
  const ahead = definedInOne(particle, moved(inputs, port, index, step), attributes);
  const behind = definedInOne(particle, moved(inputs, port, index, -step), attributes);
  return Float64Array.from(ahead, (value, output) => (value - behind[output]!) / (2 * step));
}

export interface GradcheckOptions {
  /**
   * How far a gradient may lie from the difference, measured by 1 + the sum of its terms' absolute values. 1e-4 by
   * default.
   */
  readonly tolerance?: number;
  /** Draws the gradient that arrives at the output; always the same by default. */
  readonly seed?: number;
}

export interface PortCheck {
  readonly port: string;
  readonly shape: Shape;
  /** By the particle's backward. */
  readonly gradient: Float64Array;
  /** By central differences of its definition. */
  readonly difference: Float64Array;
  /** The largest distance between the two, in the measure of the tolerance. */
  readonly error: number;
}

/**
 * Compares a particle's `backward` with central differences of its `definition` in float64, and its `forward` with the
 * definition itself. `inputs` are nested arrays, one a port. The gradient that arrives at the output is drawn at
 * random, so that mixed-up elements show. Choose inputs away from kinks: where a function has none, no difference tells
 * its derivative.
 *
 * @throws QuarkError that names the first element out of bounds, with both values.
 */
export function gradcheck<Ports extends object, Attributes>(
  particle: ParticleOf<Ports, Attributes> | SeveralParticleOf<Ports, Attributes, object>,
  inputs: Example<Ports, Attributes>["inputs"],
  attributes: Attributes,
  { tolerance = 1e-4, seed = 0 }: GradcheckOptions = {},
): readonly PortCheck[] {
  const { name } = particle;
  const given = inputsOf(particle as AnyParticle, {
    inputs,
    ...(particle.example?.dtypes && { dtypes: particle.example.dtypes }),
  });
  if (!particle.backward) throw new GraphError(`${name}: there is no backward to check`);
  const defined = definedInOne(particle, given as never, attributes);
  const random = new Generator(seed);
  const grad = Float32Array.from({ length: defined.length }, () => 2 * random.uniform() - 1);
  const { output, gradients } = computed(particle as AnyParticle, given, attributes, grad);
  if (defined.length !== sizeOf(output.shape)) {
    throw new QuarkError(
      `${name}: the definition gives ${defined.length} elements, the shape rule ${sizeOf(output.shape)}; one of them is wrong`,
    );
  }
  compare(name, "the output", output.data, defined, (at) => tolerance * (1 + Math.abs(defined[at]!)));
  const differences = new Differences(particle as AnyParticle, given, attributes, grad, false);
  return Object.entries(gradients).map(([port, gradient]) => {
    const { gradient: difference, scale } = differences.all(port);
    const allowed = (at: number) => tolerance * (1 + scale[at]!);
    const error = tolerance * compare(name, `the gradient of ${port}`, gradient, difference, allowed);
    return { port, shape: given[port]!.shape, gradient, difference, error };
  });
}

/** The largest distance in units of what is allowed; an error where it exceeds 1 or is no number. */
function compare(
  op: string,
  what: string,
  actual: Float64Array,
  expected: ArrayLike<number>,
  allowed: (at: number) => number,
): number {
  let worst = 0;
  for (let at = 0; at < actual.length; at++) {
    const a = actual[at]!;
    const b = expected[at]!;
    const distance = Object.is(a, b) ? 0 : Math.abs(a - b) / allowed(at);
    if (!(distance <= 1)) {
      throw new QuarkError(
        `${op}: element ${at} of ${what} is ${a}, but the definition gives ${b}; one of them is wrong`,
      );
    }
    worst = Math.max(worst, distance);
  }
  return worst;
}
