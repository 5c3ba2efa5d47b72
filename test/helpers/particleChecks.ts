/**
 * From one description of a particle, every check it has to pass. A check is a title and a body that throws; what runs them is
 * no concern of this file.
 *
 * The tolerance of a sum of K products computed in float32, with S the same sum over absolute values and u = 2⁻²⁴:
 *
 *   u·S·min(K + 3, 16 + 4√K) + ½ ulp + 2⁻¹⁴⁹
 *
 * The left branch is the proven worst case, the right one a statistical bound with room of a factor six or more. It lets a
 * wrong tap slip through where K is large, so half of the cases have small integers as inputs: with S < 2²⁴ every order of
 * summation gives the exact integer.
 */
import fc from "fast-check";
import { apply } from "../../src/core/apply.ts";
import { backward } from "../../src/core/backward.ts";
import { tensor } from "../../src/core/creation.ts";
import type { DType } from "../../src/core/dtype.ts";
import type { AnyParticle, Particle, Values } from "../../src/core/particle.ts";
import { scope } from "../../src/core/scope.ts";
import { type Shape, show, sizeOf } from "../../src/core/shape.ts";
import type { Nested, Tensor } from "../../src/core/tensor.ts";
import { engine } from "../../src/engine/module.ts";
import { checkMemory, memory } from "../../src/engine/storage.ts";
import { setThreads } from "../../src/engine/threads.ts";
import { bits, bound, Mismatch, ulp, ulpOf } from "./compare.ts";
import { Differences } from "./differences.ts";
import { failingAt } from "./failingAt.ts";
import { type Golden, loadGolden } from "./golden.ts";
import { type Fill, type Filled, fill, keepAway, makeDistinct, plant, type Range, randomIn } from "./values.ts";

/** What a sample says of a port: its shape, to be filled with numbers, or the numbers themselves. */
export type Given = Shape | (Values & { readonly dtype?: DType });

// biome-ignore lint/suspicious/noConfusingVoidType: attributes are void where an op has none
type Attributed<Attributes> = [Attributes] extends [undefined | void]
  ? { readonly attributes?: undefined }
  : { readonly attributes: Attributes };

export type Sample<Ports extends object, Attributes> = {
  readonly inputs: { readonly [Port in keyof Ports]: Given };
} & Attributed<Attributes>;

/** One row of the table of special values: inputs, expected output, and gradients where `grad` arrives at the output. */
export type Row<Ports extends object, Attributes> = {
  readonly inputs: { readonly [Port in keyof Ports]: Nested | Values };
  readonly output: Nested | Values;
  readonly grad?: Nested | Values;
  readonly gradients?: { readonly [Port in keyof Ports]?: Nested | Values };
} & Attributed<Attributes>;

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

export interface Description<Ports extends object, Attributes> {
  /** Shapes (or values) and attributes to try. Keep the outputs small: a definition is slow. */
  readonly samples: fc.Arbitrary<Sample<Ports, Attributes>>;
  /** Samples that are tried in any case, before the random ones. */
  readonly always?: readonly Sample<Ports, Attributes>[];
  readonly accuracy: Accuracy<Attributes>;
  /** Whether the op is linear in each float32 port by itself, so that differences are exact. By default where `"sums"`. */
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
  /** Nearness of a gradient, relative to Σ |∂y/∂x|·|grad| and absolute: 1e-5 and 1e-6 by default. Not for `multilinear`. */
  readonly gradient?: { readonly relative: number; readonly absolute: number };
  /** The ports among whose elements NaN, infinities, −0 and denormals are planted; all that are float32 by default. */
  readonly plantIn?: readonly (keyof Ports)[];
  /** Ports whose axis 0 is the batch, which must not influence a sample's bits. */
  readonly batch?: readonly (keyof Ports)[];
  /** Samples so large that threads share them, which must not influence a bit. */
  readonly large?: readonly Sample<Ports, Attributes>[];
  /** Special values, ties and worked examples. */
  readonly special?: readonly Row<Ports, Attributes>[];
  /** Each wrong call, the class of its error and the whole message. */
  readonly errors?: readonly (readonly [() => unknown, abstract new (...args: never) => Error, string])[];
  /** Random cases by default; 300 if not given. CASES in the environment overrules it. */
  readonly cases?: number;
}

export type Check = readonly [title: string, body: () => void | Promise<void>];

export function particleChecks<Ports extends object, Attributes>(
  // biome-ignore lint/suspicious/noExplicitAny: what is kept and added concerns only the particle
  particle: Particle<Ports, Attributes, any, any>,
  description: Description<Ports, Attributes>,
): Check[] {
  const subject = new Subject(particle, description as unknown as Description<Any, unknown>);
  const golden = loadGolden(particle.name);
  const checks: Check[] = [["forward equals its definition", () => subject.checkForward()]];
  if (particle.backward) {
    checks.push(["gradients equal differences of the definition", () => subject.checkGradients()]);
    checks.push([
      "gradients accumulate, repeat and vanish with the gradient that arrives",
      () => subject.checkRepeats(),
    ]);
  } else checks.push(["no gradient flows", () => subject.checkNoGradient()]);
  checks.push(["running out of memory at any point leaves nothing behind", () => subject.checkExhaustion()]);
  if (description.batch) checks.push(["a sample's bits do not depend on its batch", () => subject.checkBatch()]);
  if (description.large) checks.push(["the bits do not depend on the number of threads", () => subject.checkThreads()]);
  if (golden.length > 0) {
    const each = (one: Golden, index: number) => named(`golden case ${index}`, () => subject.checkGolden(one));
    checks.push([`${golden.length} golden cases`, () => golden.forEach(each)]);
  }
  const rows = (description.special ?? []) as unknown as readonly Row<Any, unknown>[];
  if (rows.length > 0) {
    const each = (row: Row<Any, unknown>, index: number) => named(`row ${index}`, () => subject.checkRow(row));
    checks.push([`${rows.length} rows of special values`, () => rows.forEach(each)]);
  }
  for (const [body, kind, message] of description.errors ?? []) {
    checks.push([`error: ${message}`, () => expectError(body, kind, message)]);
  }
  return checks;
}

/** Runs `body` in a scope; an error tells the name. */
function named(name: string, body: () => void): void {
  try {
    scope(body);
  } catch (error) {
    throw failure(error, name);
  }
}

/** Throws unless `body` throws an error of just this class with just this message. */
export function expectError(body: () => unknown, kind: abstract new (...args: never) => Error, message: string): void {
  let thrown: unknown;
  try {
    scope(() => void body());
  } catch (error) {
    thrown = error;
  }
  if (thrown === undefined) throw new Mismatch(`no error was thrown; expected ${kind.name}: ${message}`);
  if (!(thrown instanceof Error)) throw new Mismatch(`${thrown} was thrown, which is no Error`);
  if (thrown.constructor !== kind || thrown.message !== message) {
    throw new Mismatch(`got ${thrown.constructor.name}: ${thrown.message}\nexpected ${kind.name}: ${message}`);
  }
}

type Any = Record<string, 1>;
type Inputs = Record<string, Filled>;
type Gradients = Record<string, Float32Array>;

interface Case {
  readonly sample: Sample<Any, unknown>;
  readonly fill: Fill;
  readonly seed: number;
}

class Subject {
  readonly particle: AnyParticle;
  readonly description: Description<Any, unknown>;
  readonly multilinear: boolean;

  constructor(particle: AnyParticle, description: Description<Any, unknown>) {
    this.particle = particle;
    this.description = description;
    this.multilinear = description.multilinear ?? description.accuracy === "sums";
  }

  checkForward(): void {
    const { accuracy, plantIn } = this.description;
    const fills: Fill[] = ["integers", "integers", "integers", "reals", "reals", "powers"];
    if (accuracy === "exact" || (typeof accuracy === "object" && "ulp" in accuracy)) fills.push("patterns", "patterns");
    if (!plantIn || plantIn.length > 0) fills.push("planted");
    this.#everyCase(fills, 1, (one) => {
      const { attributes } = one.sample;
      const inputs = this.#inputs(one);
      const tensors = tensorsOf(inputs);
      const output = this.#watched(tensors, () => apply(this.particle, tensors, attributes));
      this.#checkOutput(output, inputs, attributes, one.fill);
      const recorded = apply(this.particle, tensorsOf(inputs, this.#differentiable(inputs)), attributes);
      bits(recorded.data, output.data.slice(), "the output when it is computed again, with a history");
    });
  }

  checkGradients(): void {
    this.#everyCase(["integers", "reals"], 3, (one) => {
      const { attributes } = one.sample;
      const inputs = this.#inputs(one, true);
      const random = randomIn(~one.seed);
      const ports = this.#differentiable(inputs);
      const grad = this.#upstream(inputs, attributes, one.fill, random);
      const gradients = this.#gradients(inputs, attributes, grad, ports);
      const differences = this.#differences(inputs, attributes, grad);
      for (const port of ports) {
        const most = this.multilinear ? 64 : 256;
        if (gradients[port]!.length <= most) this.#checkGradient(port, gradients[port]!, differences, one.fill);
        else {
          for (let turn = 0; turn < 4; turn++) {
            this.#checkDirection(port, gradients[port]!, differences, attributes, grad, one.fill, random);
          }
        }
      }
      // A gradient that is wanted alone has the bits of the one that comes with all others.
      if (ports.length < 2) return;
      const wanted = ports.filter(() => random() < 0.5);
      if (wanted.length === 0) wanted.push(ports[0]!);
      const alone = this.#gradients(inputs, attributes, grad, wanted);
      for (const port of wanted) bits(alone[port]!, gradients[port]!, `gradient of ${port} where ${wanted} want one`);
    });
  }

  checkRepeats(): void {
    this.#everyCase(["reals"], 10, (one) => {
      const { attributes } = one.sample;
      const inputs = this.#inputs(one, true);
      const ports = this.#differentiable(inputs);
      const grad = this.#upstream(inputs, attributes, "reals", randomIn(~one.seed));
      const once = this.#gradients(inputs, attributes, grad, ports);
      const tensors = tensorsOf(inputs, ports);
      if (ports.length === 0) return;
      const output = apply(this.particle, tensors, attributes);
      backward(output, tensorOf(grad), { retainGraph: true });
      backward(output, tensorOf(grad));
      for (const port of ports) {
        const twice = once[port]!.map((value) => 2 * value);
        bits(tensors[port]!.grad!.data, twice, `gradient of ${port} after a second backward`);
      }
      const zero = { ...grad, data: new Float32Array(grad.data.length) };
      const none = this.#gradients(inputs, attributes, zero, ports);
      for (const port of ports)
        bound(
          none[port]!,
          none[port]!.map(() => 0),
          0,
          `gradient of ${port} where zeros arrive`,
        );
    });
  }

  checkNoGradient(): void {
    this.#everyCase(["reals"], 30, (one) => {
      const inputs = this.#inputs(one);
      const output = apply(this.particle, tensorsOf(inputs, this.#differentiable(inputs)), one.sample.attributes);
      if (output.requiresGrad) throw new Mismatch("there is no backward, but the output requires a gradient");
    });
  }

  /** Lets the first allocation fail, then the second, and so on until nothing fails any more. */
  checkExhaustion(): void {
    const { samples, always = [] } = this.description;
    const drawn = fc.sample(samples, { seed: seedOf(this.particle.name), numRuns: 3 });
    for (const sample of [...always.slice(0, 1), ...drawn]) {
      const { attributes } = sample;
      const inputs = this.#inputs({ sample, fill: "reals", seed: 1 }, true);
      const ports = this.particle.backward ? this.#differentiable(inputs) : [];
      const upstream = this.#upstream(inputs, attributes, "reals", randomIn(1));
      for (let allocation = 1, failed = true; failed; allocation++) {
        const before = memory();
        // What is derived from an input lives as long as it, so the inputs are new each time.
        failed = scope(() => {
          const tensors = tensorsOf(inputs, ports);
          const grad = tensorOf(upstream);
          const refused = failingAt(allocation, () => {
            const output = apply(this.particle, tensors, attributes);
            if (output.requiresGrad) backward(output, grad);
          });
          if (refused && Object.values(tensors).some((tensor) => tensor.grad)) {
            throw new Mismatch(
              `there is a gradient although allocation ${allocation} failed: ${describeSample(sample)}`,
            );
          }
          return refused;
        });
        const kept = memory().liveBlocks - before.liveBlocks;
        if (kept !== 0) {
          throw new Mismatch(`${kept} blocks stay after allocation ${allocation} failed: ${describeSample(sample)}`);
        }
        checkMemory();
      }
    }
  }

  checkBatch(): void {
    this.#everyCase(["reals"], 3, (one) => {
      const { attributes } = one.sample;
      const inputs = this.#inputs(one);
      const batched = (this.description.batch as readonly string[]).filter((port) => inputs[port]);
      const whole = apply(this.particle, tensorsOf(inputs), attributes);
      const samples = inputs[batched[0]!]!.shape[0]!;
      const length = whole.size / samples;
      for (let index = 0; index < samples; index++) {
        const single = { ...inputs };
        for (const port of batched) single[port] = rowOf(inputs[port]!, index);
        const alone = apply(this.particle, tensorsOf(single), attributes);
        bits(alone.data, whole.data.slice(index * length, (index + 1) * length), `sample ${index} of ${samples} alone`);
      }
    });
  }

  async checkThreads(): Promise<void> {
    const samples = this.description.large!;
    const compute = () =>
      samples.map((sample, index) => {
        const random = randomIn(index);
        return scope(() => {
          const inputs = this.#inputs({ sample, fill: "reals", seed: index }, true);
          const { attributes } = sample;
          const ports = this.particle.backward ? this.#differentiable(inputs) : [];
          const output = apply(this.particle, tensorsOf(inputs), attributes).data.slice();
          return {
            output,
            ...this.#gradients(inputs, attributes, this.#upstream(inputs, attributes, "reals", random), ports),
          };
        });
      });
    const alone = compute();
    try {
      const { threads, reason } = await setThreads(3);
      if (threads !== 3) throw new Mismatch(`three threads were asked for, ${threads} work: ${reason}`);
      for (const [index, results] of compute().entries()) {
        for (const [port, numbers] of Object.entries(results)) {
          const wanted = (alone[index] as Record<string, ArrayLike<number>>)[port]!;
          bits(numbers, wanted, `large sample ${index}, ${port} by three threads`);
        }
      }
    } finally {
      await setThreads(1);
    }
  }

  checkGolden({ inputs: recorded, attributes = undefined, output: expected, grad, gradients }: Golden): void {
    const inputs: Inputs = {};
    for (const port in recorded) inputs[port] = rounded(recorded[port]!, recorded[port]!.dtype);
    const defined = {
      shape: this.particle.shape(shapesOf(inputs), attributes),
      data: this.particle.definition(inputs, attributes),
    };
    bound(defined, expected, tolerances(expected.data, 1e-10, 1e-10), "the definition");
    this.#checkOutput(apply(this.particle, tensorsOf(inputs), attributes), inputs, attributes, "reals", expected);
    if (!grad || !gradients) return;
    const arriving = rounded(grad, "float32");
    const found = this.#gradients(inputs, attributes, arriving, Object.keys(gradients));
    const differences = this.#differences(inputs, attributes, arriving);
    for (const port in gradients) {
      const wanted = gradients[port]!;
      const { scale, terms } = differences.all(port);
      const allowed = this.#gradientTolerances(wanted.data, scale, terms, differences.noise);
      bound({ shape: inputs[port]!.shape, data: found[port]! }, wanted, allowed, `gradient of ${port}`);
    }
  }

  checkRow(row: Row<Any, unknown>): void {
    const { attributes, grad, gradients } = row;
    const inputs: Inputs = {};
    for (const port in row.inputs) {
      const values = valuesOf(row.inputs[port]!);
      inputs[port] = rounded(values, this.#dtypeOf(port));
    }
    this.#checkOutput(
      apply(this.particle, tensorsOf(inputs), attributes),
      inputs,
      attributes,
      "planted",
      valuesOf(row.output),
    );
    if (!grad || !gradients) return;
    const arriving = rounded(valuesOf(grad), "float32");
    const found = this.#gradients(inputs, attributes, arriving, Object.keys(gradients));
    for (const port in gradients) {
      const wanted = valuesOf(gradients[port]!);
      const actual = { shape: inputs[port]!.shape, data: found[port]! };
      bound(actual, wanted, tolerances(wanted.data, 1e-6, 0), `gradient of ${port}`);
    }
  }

  /** Runs `body` on the listed samples and on random ones, each in a scope; on failure says how to repeat it. */
  #everyCase(fills: readonly Fill[], share: number, body: (one: Case) => void): void {
    const { samples, always = [], cases = 300 } = this.description;
    const { name } = this.particle;
    const run = (one: Case) => scope(() => body(one));
    for (const [index, sample] of always.entries()) {
      for (const kind of new Set([fills[0]!, fills[index % fills.length]!])) {
        const one: Case = { sample, fill: kind, seed: index + 1 };
        try {
          run(one);
        } catch (error) {
          throw failure(error, `${name}, listed sample ${index}: ${describe(one)}`);
        }
      }
    }
    const seed = process.env.SEED === undefined ? seedOf(name) : Number(process.env.SEED);
    const numRuns = Math.ceil(Number(process.env.CASES ?? cases) / share);
    const property = fc.property(samples, fc.constantFrom(...fills), fc.nat(), (sample, kind, valueSeed) =>
      run({ sample, fill: kind, seed: valueSeed }),
    );
    const { failed, counterexample, errorInstance, numRuns: done } = fc.check(property, { seed, numRuns });
    if (!failed) return;
    const again = `SEED=${seed} CASES=${numRuns * share} npm test -- ${name}`;
    if (!counterexample) throw new Error(`${name}: the samples cannot be drawn (${again})`);
    const [sample, kind, valueSeed] = counterexample;
    const where = describe({ sample, fill: kind, seed: valueSeed });
    throw failure(errorInstance, `${name}, case ${done} of ${numRuns}, made smaller: ${where}\nagain with: ${again}`);
  }

  #inputs({ sample, fill: kind, seed }: Case, forGradient = false): Inputs {
    const { avoid, distinct = false, plantIn, range = [-2, 2] } = this.description;
    const random = randomIn(seed);
    const inputs: Inputs = {};
    const filled: string[] = [];
    for (const [port, given] of Object.entries(sample.inputs)) {
      if (given === undefined) continue;
      if (isShape(given)) {
        inputs[port] = fill(given, this.#dtypeOf(port), kind, random, this.#rangeOf(port));
        if (inputs[port].dtype === "float32") filled.push(port);
      } else inputs[port] = rounded(given, given.dtype ?? this.#dtypeOf(port));
    }
    if (forGradient) {
      const kinks = typeof avoid === "function" ? avoid(sample.attributes) : (avoid ?? []);
      const constants: readonly string[] = this.description.constants ?? [];
      const moved = filled.filter((port) => !constants.includes(port));
      if (distinct) {
        const spread = Array.isArray(range) ? (range as unknown as Range) : ([-2, 2] as const);
        const values = makeDistinct(
          moved.map((port) => inputs[port]!),
          random,
          spread,
        );
        for (const [index, port] of moved.entries()) inputs[port] = values[index]!;
      }
      for (const port of moved) inputs[port] = keepAway(inputs[port]!, kinks);
    }
    if (kind === "planted") {
      const ports = filled.filter((port) => !plantIn || plantIn.includes(port));
      const port = ports[Math.floor(random() * ports.length)];
      if (port) inputs[port] = plant(inputs[port]!, random);
    }
    return inputs;
  }

  #rangeOf(port: string): Range | undefined {
    const { range } = this.description;
    return Array.isArray(range) ? (range as unknown as Range) : (range as Record<string, Range> | undefined)?.[port];
  }

  #dtypeOf(port: string): DType {
    const { dtypes } = this.particle;
    const wanted = dtypes === "any" ? "any" : (dtypes as Record<string, DType | "any"> | undefined)?.[port];
    return wanted === undefined || wanted === "any" ? "float32" : wanted;
  }

  #differentiable(inputs: Inputs): string[] {
    const constants: readonly string[] = this.description.constants ?? [];
    return Object.keys(inputs).filter((port) => inputs[port]!.dtype === "float32" && !constants.includes(port));
  }

  /** A random gradient of the output. */
  #upstream(inputs: Inputs, attributes: unknown, kind: Fill, random: () => number): Filled {
    return fill(this.particle.shape(shapesOf(inputs), attributes), "float32", kind, random);
  }

  #differences(inputs: Inputs, attributes: unknown, grad: Filled): Differences {
    return new Differences(this.particle, inputs, attributes, grad.data, this.multilinear);
  }

  /** What the engine gives for `ports`, and nothing for all others. */
  #gradients(inputs: Inputs, attributes: unknown, grad: Filled, ports: readonly string[]): Gradients {
    if (ports.length === 0) return {};
    const tensors = tensorsOf(inputs, ports);
    const output = apply(this.particle, tensors, attributes);
    this.#watched({ ...tensors, output }, () => backward(output, tensorOf(grad)));
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
  #watched<T>(readOnly: Readonly<Record<string, Tensor>>, body: () => T): T {
    const before = Object.entries(readOnly).map(([port, tensor]) => [port, tensor, tensor.data.slice()] as const);
    const statics = staticData().slice();
    const result = body();
    for (const [port, tensor, data] of before) bits(tensor.data, data, `${port}, which is only to be read`);
    bits(staticData(), statics, "the module's own data");
    checkMemory();
    return result;
  }

  #checkOutput(output: Tensor, inputs: Inputs, attributes: unknown, kind: Fill, given?: Values): void {
    const { particle } = this;
    const { accuracy } = this.description;
    const shape = particle.shape(shapesOf(inputs), attributes);
    const { flops, bytes } = particle.cost(shapesOf(inputs), attributes);
    if (!(flops >= 0 && bytes >= 0)) throw new Mismatch(`cost: got ${flops} flops and ${bytes} bytes`);
    if (show(output.shape) !== show(shape)) {
      throw new Mismatch(`the output has shape ${show(output.shape)}, the shape rule says ${show(shape)}`);
    }
    const expected = given ?? { shape, data: particle.definition(inputs, attributes) };
    const what = "output";
    if (accuracy === "exact" || output.dtype !== "float32") bits(output, expected, what);
    else if (accuracy === "sums")
      bound(output, expected, this.#sumTolerances(expected, inputs, attributes, kind), what);
    else if (typeof accuracy === "function") bound(output, expected, accuracy(inputs, attributes, expected.data), what);
    else if ("ulp" in accuracy) ulp(output, expected, accuracy.ulp, what);
    else bound(output, expected, tolerances(expected.data, accuracy.relative, accuracy.absolute ?? 0), what);
  }

  #sumTolerances(expected: Values, inputs: Inputs, attributes: unknown, kind: Fill): number | Float64Array {
    const { terms, exactIntegers = true } = this.description;
    const sums = this.particle.definition(mapped(inputs, Math.abs), attributes);
    if (kind === "integers" && exactIntegers && exactIn(expected.data, sums)) return 0;
    const all = terms?.(shapesOf(inputs), attributes) ?? 0;
    const counts = terms
      ? undefined
      : this.particle.definition(
          mapped(inputs, () => 1),
          attributes,
        );
    return Float64Array.from(expected.data, (value, index) =>
      this.#sumTolerance(sums[index]!, counts ? counts[index]! : all, value),
    );
  }

  #checkGradient(port: string, actual: Float32Array, differences: Differences, kind: Fill): void {
    const { exactIntegers = true } = this.description;
    const { gradient, scale, terms } = differences.all(port);
    const exact = kind === "integers" && this.multilinear && exactIntegers && exactIn(gradient, scale);
    const allowed = exact ? 0 : this.#gradientTolerances(gradient, scale, terms, differences.noise);
    bound({ shape: differences.inputs[port]!.shape, data: actual }, gradient, allowed, `gradient of ${port}`);
  }

  #gradientTolerances(
    expected: ArrayLike<number>,
    scale: Float64Array,
    terms: Float64Array,
    noise: number,
  ): Float64Array {
    const { relative, absolute } = this.description.gradient ?? { relative: 1e-5, absolute: 1e-6 };
    return Float64Array.from(expected, (value, index) => {
      const rounding = this.multilinear
        ? this.#sumTolerance(scale[index]!, terms[index]!, value)
        : relative * scale[index]! + absolute;
      return rounding + noise;
    });
  }

  /** For inputs too large to take one element at a time: vᵀ·gradient against the slope along v. */
  #checkDirection(
    port: string,
    actual: Float32Array,
    differences: Differences,
    attributes: unknown,
    grad: Filled,
    kind: Fill,
    random: () => number,
  ): void {
    const { exactIntegers = true, gradient: nearness = { relative: 1e-5, absolute: 1e-6 } } = this.description;
    const direction = Float64Array.from(actual, () => Math.floor(random() * 9) - 4);
    let found = 0;
    let size = 0;
    for (let index = 0; index < actual.length; index++) {
      found += direction[index]! * actual[index]!;
      size += Math.abs(direction[index]! * actual[index]!);
    }
    const slope = differences.along(port, direction);
    let allowed = 4 * nearness.relative * size + nearness.absolute * actual.length;
    if (this.multilinear) {
      const magnitudes = this.#differences(mapped(differences.inputs, Math.abs), attributes, mappedOne(grad, Math.abs));
      const scale = magnitudes.along(port, direction.map(Math.abs));
      const exact = kind === "integers" && exactIntegers && exactIn([slope], [scale]);
      allowed = exact ? 0 : this.#sumTolerance(scale, grad.data.length, slope);
    }
    const label = `gradient of ${port} along a random direction`;
    bound([found], [slope], allowed === 0 ? 0 : allowed + differences.noise, label);
  }

  #sumTolerance(scale: number, terms: number, value: number): number {
    const { slack = 1 } = this.description;
    const steps = Math.min(terms + 3, 16 + 4 * Math.sqrt(Math.max(terms, 1)));
    return slack * 2 ** -24 * scale * Math.max(steps, 4) + ulpOf(value) / 2 + 2 ** -149;
  }
}

/** Whether all values are integers, and so are the partial sums in any order. */
function exactIn(values: ArrayLike<number>, sums: ArrayLike<number>): boolean {
  for (let index = 0; index < values.length; index++) {
    if (!Number.isInteger(values[index]!) || !(sums[index]! < 2 ** 24)) return false;
  }
  return true;
}

function tolerances(expected: ArrayLike<number>, relative: number, absolute: number): Float64Array {
  return Float64Array.from(expected, (value) => relative * Math.abs(value) + absolute);
}

function isShape(given: Given): given is Shape {
  return Array.isArray(given);
}

function rounded({ shape, data }: Values, dtype: DType): Filled {
  const array = dtype === "float32" ? Float32Array : dtype === "int32" ? Int32Array : Uint8Array;
  return { shape, dtype, data: array.from(data) };
}

/** The numbers of nested arrays, in float64, with their shape. */
function valuesOf(given: Nested | Values): Values {
  if (typeof given === "object" && "data" in given) return given;
  const shape: number[] = [];
  for (let level: Nested | undefined = given; typeof level === "object"; level = level[0]) shape.push(level.length);
  const flat: number[] = [];
  const walk = (level: Nested): unknown => (typeof level === "number" ? flat.push(level) : level.forEach(walk));
  walk(given);
  if (flat.length !== sizeOf(shape)) throw new RangeError(`${JSON.stringify(given)} is ragged`);
  return { shape, data: flat };
}

function mappedOne(values: Filled, change: (value: number) => number): Filled {
  return values.dtype === "float32" ? { ...values, data: Float32Array.from(values.data, change) } : values;
}

function mapped(inputs: Inputs, change: (value: number) => number): Inputs {
  return Object.fromEntries(Object.entries(inputs).map(([port, values]) => [port, mappedOne(values, change)]));
}

function shapesOf(inputs: Inputs): Record<string, Shape> {
  return Object.fromEntries(Object.entries(inputs).map(([port, { shape }]) => [port, shape]));
}

function rowOf({ shape, dtype, data }: Filled, index: number): Filled {
  const length = data.length / shape[0]!;
  return rounded(
    { shape: [1, ...shape.slice(1)], data: Array.prototype.slice.call(data, index * length, (index + 1) * length) },
    dtype,
  );
}

function tensorOf({ shape, dtype, data }: Filled, requiresGrad = false): Tensor {
  return tensor(data as Float32Array, { shape, dtype, requiresGrad });
}

function tensorsOf(inputs: Inputs, wanted: readonly string[] = []): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([port, values]) => [port, tensorOf(values, wanted.includes(port))]),
  );
}

/** Below the heap lie the module's constants, and address 0, which stands for a block that is not there. */
function staticData(): Uint8Array {
  const { memory, heapBase } = engine();
  return new Uint8Array(memory.buffer, 0, heapBase);
}

/** A seed for each op that does not depend on the others. */
function seedOf(name: string): number {
  let hash = 17;
  for (const letter of name) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
  return hash;
}

function describe({ sample, fill: kind, seed }: Case): string {
  return `${describeSample(sample)}, filled with ${kind} by seed ${seed}`;
}

function describeSample(sample: Sample<Any, unknown>): string {
  const ports = Object.entries(sample.inputs).filter(([, given]) => given !== undefined);
  const inputs = ports.map(([port, given]) => {
    if (isShape(given)) return `${port} ${show(given)}`;
    const values = Array.from(given.data);
    return `${port} ${show(given.shape)} = ${values.slice(0, 24).join(" ")}${values.length > 24 ? " …" : ""}`;
  });
  const attributes = sample.attributes === undefined ? "" : `, attributes ${JSON.stringify(sample.attributes)}`;
  return `${inputs.join(", ")}${attributes}`;
}

/** The error, saying where it happened, with its own stack. */
function failure(error: unknown, where: string): Error {
  if (!(error instanceof Error)) return new Mismatch(`${where}\n${error}`);
  const told = new Mismatch(`${where}\n${error.name}: ${error.message}`);
  const frames = error.stack?.indexOf("\n    at ") ?? -1;
  if (frames >= 0) told.stack = `${told.name}: ${told.message}${error.stack!.slice(frames)}`;
  return told;
}
