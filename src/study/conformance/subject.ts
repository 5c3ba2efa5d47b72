/** A particle under examination: its inputs, its gradients, and what it may not touch. */
import { applied } from "../../core/apply.ts";
import { type BackwardOptions, backward } from "../../core/backward.ts";
import type { DType } from "../../core/dtype.ts";
import type { AnyParticle } from "../../core/particle.ts";
import { prepare } from "../../core/plans.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { families } from "../../engine/family.ts";
import { engine } from "../../engine/module.ts";
import { checkMemory } from "../../engine/storage.ts";
import { bits, Mismatch } from "../numbers/compare.ts";
import { Differences } from "../numbers/differences.ts";
import { type Inputs, rounded, tensorOf, tensorsOf } from "../numbers/inputs.ts";
import {
  type Fill,
  type Filled,
  filled,
  keepAway,
  makeDistinct,
  plant,
  type Range,
  randomIn,
} from "../numbers/values.ts";
import { type Case, isShape } from "./cases.ts";
import type { AnyClaims } from "./claims.ts";
import { poisoned } from "./poisoned.ts";

export type Gradients = Record<string, Float32Array>;

/** The gradients that arrive at the outputs, by name. */
export type Arriving = Readonly<Record<string, Filled>>;

/** Walks back from the outputs at which gradients arrive. */
export function backwardOf(
  outputs: Readonly<Record<string, Tensor>>,
  arriving: Arriving,
  options: BackwardOptions = {},
): void {
  const names = Object.keys(arriving);
  backward(
    names.map((name) => outputs[name]!),
    names.map((name) => tensorOf(arriving[name]!)),
    options,
  );
}

export class Subject {
  /** Finds NaN in every block that it has to fill. */
  readonly particle: AnyParticle;
  readonly claims: AnyClaims;
  readonly multilinear: boolean;

  constructor(particle: AnyParticle, claims: AnyClaims) {
    this.particle = poisoned(particle);
    this.claims = claims;
    this.multilinear = claims.multilinear ?? claims.accuracy === "sums";
  }

  inputs({ sample, fill, seed }: Case, forGradient = false): Inputs {
    const { avoid, plantIn } = this.claims;
    const random = randomIn(seed);
    const inputs: Inputs = {};
    const drawn: string[] = [];
    for (const [port, given] of Object.entries(sample.inputs)) {
      if (given === undefined) continue;
      if (isShape(given)) {
        inputs[port] = filled(given, this.dtypeOf(port), fill, random, this.#rangeOf(port));
        if (inputs[port].dtype === "float32") drawn.push(port);
      } else inputs[port] = rounded(given, given.dtype ?? this.dtypeOf(port));
    }
    if (forGradient) {
      const kinks = typeof avoid === "function" ? avoid(sample.attributes) : (avoid ?? []);
      const constants: readonly string[] = this.claims.constants ?? [];
      const moved = drawn.filter((port) => !constants.includes(port));
      if (this.claims.distinct) this.#makeDistinct(inputs, moved, random);
      for (const port of moved) inputs[port] = keepAway(inputs[port]!, kinks);
    }
    if (fill === "planted") {
      const ports = drawn.filter((port) => !plantIn || plantIn.includes(port));
      const port = ports[Math.floor(random() * ports.length)];
      if (port) inputs[port] = plant(inputs[port]!, random);
    }
    return inputs;
  }

  /** float32 where the port takes any. */
  dtypeOf(port: string): DType {
    const { dtypes } = this.particle;
    const wanted = dtypes === "any" ? "any" : (dtypes as Record<string, DType | "any"> | undefined)?.[port];
    return wanted === undefined || wanted === "any" ? "float32" : wanted;
  }

  /** The ports that a gradient is expected for. */
  differentiable(inputs: Inputs): string[] {
    const constants: readonly string[] = this.claims.constants ?? [];
    const state = (this.particle.state ?? []) as readonly string[];
    return Object.keys(inputs).filter(
      (port) => inputs[port]!.dtype === "float32" && !constants.includes(port) && !state.includes(port),
    );
  }

  /** What the kernels give; one output is named `output`. */
  outputs(inputs: Readonly<Record<string, Tensor>>, attributes: unknown): Record<string, Tensor> {
    return applied(this.particle, inputs, attributes);
  }

  /** A random gradient of each output that gradients flow through. */
  upstream(inputs: Inputs, attributes: unknown, fill: Fill, random: () => number): Arriving {
    const { outputs } = prepare(this.particle, inputs, attributes);
    return Object.fromEntries(
      outputs
        .filter(({ differentiable }) => differentiable)
        .map(({ name, shape }) => [name, filled(shape, "float32", fill, random)]),
    );
  }

  differences(inputs: Inputs, attributes: unknown, arriving: Arriving): Differences {
    const parts = prepare(this.particle, inputs, attributes).outputs.map(
      ({ name, shape }) => arriving[name]?.data ?? new Float32Array(sizeOf(shape)),
    );
    const grad = parts.length === 1 ? parts[0]! : Float64Array.from(parts.flatMap((part) => Array.from(part)));
    return new Differences(this.particle, inputs, attributes, grad, this.multilinear);
  }

  /** What the engine gives for `ports`, and nothing for all others. */
  gradients(inputs: Inputs, attributes: unknown, arriving: Arriving, ports: readonly string[]): Gradients {
    if (ports.length === 0) return {};
    const tensors = tensorsOf(inputs, ports);
    const outputs = this.outputs(tensors, attributes);
    this.watched({ ...tensors, ...outputs }, () => backwardOf(outputs, arriving));
    const gradients: Gradients = {};
    for (const port in tensors) {
      const found = tensors[port]!.grad;
      if (!ports.includes(port)) {
        if (found) throw new Mismatch(`${port} wants no gradient, but has one`);
        continue;
      }
      if (!found) throw new Mismatch(`${port} has no gradient`);
      gradients[port] = found.data.slice() as Float32Array;
    }
    return gradients;
  }

  /** Kernels write to the blocks they are given to fill and nowhere else. */
  watched<T>(readOnly: Readonly<Record<string, Tensor>>, body: () => T): T {
    const state = (this.particle.state ?? []) as readonly string[];
    const only = Object.entries(readOnly).filter(([port]) => !state.includes(port));
    const before = only.map(([port, tensor]) => [port, tensor, tensor.data.slice()] as const);
    const statics = staticData().slice();
    const { length } = families;
    const result = body();
    for (const [port, tensor, data] of before) bits(tensor.data, data, `${port}, which is only to be read`);
    // A family that is instantiated brings its own.
    if (families.length === length) bits(staticData(), statics, "the module's own data");
    checkMemory();
    return result;
  }

  #makeDistinct(inputs: Inputs, ports: readonly string[], random: () => number): void {
    const { range = [-2, 2] } = this.claims;
    const spread = Array.isArray(range) ? (range as unknown as Range) : ([-2, 2] as const);
    const tensors = ports.map((port) => inputs[port]!);
    for (const [index, values] of makeDistinct(tensors, random, spread).entries()) inputs[ports[index]!] = values;
  }

  #rangeOf(port: string): Range | undefined {
    const { range } = this.claims;
    return Array.isArray(range) ? (range as unknown as Range) : (range as Record<string, Range> | undefined)?.[port];
  }
}

/** Below the heap lie the kernels' constants, and address 0, which stands for a block that is not there. */
function staticData(): Uint8Array {
  const { memory, heapBase } = engine();
  return new Uint8Array(memory.buffer, 0, heapBase);
}
