/** What is measured: applications of particles, seen by the observer while the library's own functions run. */

import { blockOf } from "../src/core/apply.ts";
import { bytesOf, type DType } from "../src/core/dtype.ts";
import { type Application, observe } from "../src/core/observe.ts";
import type { AnyParticle, Block } from "../src/core/particle.ts";
import { type Shape, show, sizeOf } from "../src/core/shape.ts";
import { engine, kernels } from "../src/engine/module.ts";
import { Storage } from "../src/engine/storage.ts";
import { workspaceFor } from "../src/engine/workspace.ts";
import * as quark from "../src/index.ts";
import { multiply } from "../src/particles/matrixProduct.ts";

const { crossEntropy, noGrad, ones, optim, rand, randint, Sora, scope } = quark;
type Tensor = ReturnType<typeof rand>;

/** One thing to time: `run` does it once. */
export interface Subject {
  readonly name: string;
  readonly flops: number;
  readonly bytes: number;
  /** Before a series of runs: gives the op its scratch memory. */
  prepare?(): void;
  run(): void;
}

/** The applications in `body`; their tensors stay alive for as long as they are measured. */
export function seenIn(body: () => void): Application[] {
  const seen: Application[] = [];
  observe({ applied: (application) => seen.push(application) }, () =>
    scope(() => {
      body();
      for (const { inputs, output } of seen) for (const tensor of [...Object.values(inputs), output]) tensor.keep();
    }),
  );
  return seen;
}

const images = (batch: number) => rand([batch, 1, 28, 28]);
const labels = (batch: number) => randint(10, [batch]);

/** Every application in a training step of Sora: observed, not listed. */
export function soraApplications(batch: number): Application[] {
  const model = new Sora();
  return seenIn(() => crossEntropy(model.forward(images(batch)), labels(batch)));
}

const leaf = (...shape: number[]) => {
  const made = rand(shape);
  made.requiresGrad = true;
  return made;
};
const conv =
  (input: number[], weight: number[], options = {}) =>
  () =>
    quark.conv2d(leaf(...input), leaf(...weight), undefined, options);

/** The layer shapes on which other engines and papers report, and calls that a particle's name and one float tensor do not give. */
const standardCalls: readonly (() => unknown)[] = [
  conv([64, 64, 14, 14], [64, 64, 1, 1]),
  conv([8, 64, 56, 56], [128, 64, 1, 1], { stride: 2 }),
  conv([64, 32, 14, 14], [64, 32, 5, 5], { padding: 2 }),
  conv([8, 3, 64, 64], [64, 3, 7, 7], { stride: 2, padding: 3 }),
  conv([8, 64, 56, 56], [64, 64, 3, 3], { stride: 2 }),
  conv([16, 32, 28, 28], [64, 32, 3, 3], { dilation: 2 }),
  conv([64, 64, 14, 14], [64, 16, 3, 3], { groups: 4, padding: 1 }),
  conv([16, 128, 8, 8], [128, 128, 3, 3], { padding: 1 }),
  conv([1, 256, 28, 28], [256, 256, 3, 3], { padding: 1 }),
  conv([1, 64, 56, 56], [64, 64, 3, 3], { padding: 1 }),
  conv([64, 32, 14, 14], [32, 1, 3, 3], { groups: 32, padding: 1 }),
  () => quark.matmul(leaf(64, 3136), leaf(3136, 128)),
  () => quark.matmul(leaf(1, 3136), leaf(3136, 128)),
  () => quark.linear(leaf(64, 3136), leaf(128, 3136), leaf(128)),
  () => quark.sum(leaf(1_600_000)),
  () => quark.concat([leaf(64, 32, 28, 28), leaf(64, 32, 28, 28)], 1),
  () => quark.slice(leaf(64, 32, 28, 28), [null, null, [1, 27], [1, 27]]),
  () => quark.pad(leaf(64, 32, 28, 28), [1, 1, 1, 1]),
  () => quark.permute(leaf(64, 32, 28, 28), [0, 2, 3, 1]),
  () => quark.expand(leaf(1, 32, 1, 1), [64, 32, 28, 28]),
  () => quark.gather(leaf(1000, 1000), 1, randint(1000, [1000, 1000])),
  () => quark.indexSelect(leaf(1000, 1000), 0, randint(1000, [1000])),
  () => quark.softmax(leaf(1000, 1000), 1),
  () => quark.logSoftmax(leaf(1000, 1000), 1),
  () => quark.crossEntropy(leaf(64, 1000), randint(1000, [64])),
  () => quark.nllLoss(leaf(64, 1000), randint(1000, [64])),
  () => quark.maxPool2d(leaf(64, 32, 28, 28), 2),
  () => quark.avgPool2d(leaf(64, 32, 28, 28), 2),
  () => quark.float(randint(10, [1_000_000])),
  () => quark.where(quark.gt(rand([1_000_000]), 0.5), leaf(1_000_000), leaf(1_000_000)),
];

/** Layers of 3×3, 5×5 and 7×7 that the general convolution must carry alone, where Winograd's is turned off. */
const generalCalls: readonly (() => unknown)[] = [
  conv([64, 32, 14, 14], [64, 32, 3, 3], { padding: 1 }),
  conv([64, 64, 14, 14], [32, 64, 3, 3], { padding: 1 }),
  conv([1, 64, 56, 56], [64, 64, 3, 3], { padding: 1 }),
  conv([16, 128, 8, 8], [128, 128, 3, 3], { padding: 1 }),
  conv([1, 256, 28, 28], [256, 256, 3, 3], { padding: 1 }),
  conv([64, 8, 28, 28], [8, 8, 3, 3], { padding: 1 }),
  conv([64, 32, 14, 14], [64, 32, 5, 5], { padding: 2 }),
  conv([64, 8, 28, 28], [16, 8, 5, 5], { padding: 2 }),
  conv([16, 16, 28, 28], [32, 16, 7, 7], { padding: 3 }),
  conv([64, 32, 7, 7], [32, 32, 7, 7], { padding: 3 }),
];

/** Their applications, one after the other. */
export function* generalConvolutions(): Generator<Application> {
  for (const call of generalCalls) yield* attempt(call);
}

/** The particles that the package exports: the only list of them. */
export const particles: readonly AnyParticle[] = Object.entries(quark)
  .filter(([name]) => name.endsWith("Particle"))
  .map(([, particle]) => particle as unknown as AnyParticle);

/**
 * An application of every particle at a standard shape, one after the other; those that no call above reaches, and that are not in
 * `seen`, are tried on one, two and three tensors of a million numbers. Returns the names of those that nothing reached.
 */
export function* standardApplications(seen: readonly Application[]): Generator<Application, string[]> {
  const reached = new Set(seen.map(({ particle }) => particle));
  for (const call of standardCalls) {
    const application = attempt(call).at(-1);
    if (!application) continue;
    reached.add(application.particle);
    yield application;
  }
  const missing: string[] = [];
  for (const particle of particles) {
    if (particle.shares || reached.has(particle)) continue;
    const apply = (quark as unknown as Record<string, ((...inputs: Tensor[]) => unknown) | undefined>)[particle.name];
    const find = (count: number) =>
      attempt(() => apply?.(...Array.from({ length: count }, () => leaf(1_000_000)))).find(
        (one) => one.particle === particle,
      );
    const application = find(1) ?? find(2) ?? find(3);
    if (application) yield application;
    else missing.push(particle.name);
  }
  return missing;
}

/** What a call applied; nothing where it refuses its inputs. */
function attempt(call: () => unknown): Application[] {
  try {
    return seenIn(call as () => void);
  } catch {
    return [];
  }
}

/** The attributes that tell rows apart: numbers other than 0 and 1, seeds and infinities left out. */
function telling(attributes: unknown): string[] {
  if (typeof attributes !== "object" || attributes === null) return [];
  return Object.entries(attributes).flatMap(([name, value]) => {
    const numbers = [value].flat().filter((one) => Math.abs(one) < 1e6);
    return numbers.some((one) => one !== 0 && one !== 1) ? [`${name} ${numbers.join(",")}`] : [];
  });
}

export interface Subjects {
  readonly subjects: readonly Subject[];
  /** Frees their memory, and the tensors of the application. */
  release(): void;
}

/**
 * The forward and the backward pass of one application, straight at the particle. With `changing`, as in training, the inputs are
 * new each time, so that what a particle derives from them is computed again.
 */
export function subjectsOf(
  { particle, attributes, inputs, output }: Application,
  { changing = false }: { readonly changing?: boolean } = {},
): Subjects {
  if (particle.shares) return { subjects: [], release() {} };
  const made: Storage[] = [];
  const freshBlock = (label: string, shape: Shape, dtype: DType): Block => {
    const storage = new Storage(sizeOf(shape) * bytesOf[dtype], label, shape);
    made.push(storage);
    return blockOf(storage, shape, dtype);
  };
  const release = () => {
    for (const storage of made) storage.release();
    for (const tensor of [...Object.values(inputs), output]) tensor.dispose();
  };
  const shapes: Record<string, Shape> = {};
  const blocks: Record<string, Block> = {};
  for (const [port, tensor] of Object.entries(inputs)) {
    shapes[port] = tensor.shape;
    blocks[port] = blockOf(tensor.storage, tensor.shape, tensor.dtype);
  }
  blocks.output = blockOf(output.storage, output.shape, output.dtype);
  const auxiliary: Record<string, { shape: Shape; dtype: DType }> = particle.aux?.(shapes, attributes) ?? {};
  for (const [name, { shape, dtype }] of Object.entries(auxiliary)) blocks[name] = freshBlock(name, shape, dtype);
  const label = [particle.name, ...Object.values(shapes).map(show), ...telling(attributes)].join(" ");
  const prepare = () => {
    at.workspace = workspaceFor(particle.workspace?.(shapes, attributes) ?? 0);
  };
  const at: Record<string, Block> & { workspace: number } = Object.assign(blocks as Record<string, never>, {
    workspace: 0,
  });
  const change = () => {
    for (const port in shapes) blocks[port]!.storage.version++;
  };
  const forward: Subject = {
    name: `${label} forward`,
    ...particle.cost(shapes, attributes),
    prepare,
    run: () => {
      if (changing) change();
      particle.forward(at, attributes);
    },
  };
  const wanted = Object.keys(inputs).filter((port) => inputs[port]!.requiresGrad);
  if (!particle.backward || wanted.length === 0) return { subjects: [forward], release };
  prepare();
  particle.forward(at, attributes);
  blocks.grad = freshBlock("gradient", output.shape, "float32");
  new Float32Array(engine().memory.buffer, blocks.grad.ptr, output.size).fill(0.5);
  const into = Object.fromEntries(
    wanted.map((port) => [port, freshBlock(`gradient of ${port}`, shapes[port]!, "float32")]),
  );
  const kept = particle.keeps as readonly string[];
  // Where two inputs are kept, each gradient is such a product as the output is, and costs as much; of others no cost is claimed.
  const keptInputs = kept.filter((name) => name in inputs);
  const products = keptInputs.length < 2 ? 0 : keptInputs.filter((port) => wanted.includes(port)).length;
  const backward = (name: string, targets: Record<string, Block>, flops: number): Subject => {
    const touched = [...kept.map((port) => blocks[port]), blocks.grad, ...Object.values(targets)];
    return {
      name: `${label} ${name}`,
      flops,
      bytes: touched.reduce((total, block) => total + (block ? block.size * bytesOf[block.dtype] : 0), 0),
      prepare,
      run: () => {
        if (changing) change();
        particle.backward!(at as never, targets, attributes);
      },
    };
  };
  // Where arithmetic decides, each gradient has a row of its own.
  const apart = products > 0 && forward.flops > 4 * forward.bytes;
  const subjects = apart
    ? wanted.map((port) =>
        backward(`backward, ${port}`, { [port]: into[port]! }, keptInputs.includes(port) ? forward.flops : 0),
      )
    : [backward("backward", into, forward.flops * products)];
  return { subjects: [forward, ...subjects], release };
}

/** C = A · B with A or B, or both, stored the other way round, straight at the kernel. */
export function products(size: number): Subject[] {
  const [a, b, c] = [0, 1, 2].map(() => rand([size, size]).keep().storage.ptr) as [number, number, number];
  const shape = [size, size];
  const cost = quark.matmulParticle.cost({ a: shape, b: shape }, undefined);
  return [false, true].flatMap((transA) =>
    [false, true].map((transB) => ({
      name: `matmul ${size} ${transA ? "T" : "N"}${transB ? "T" : "N"}`,
      ...cost,
      run: () => multiply(a, b, c, { M: size, N: size, K: size, transA, transB }),
    })),
  );
}

/** What no sum of 1.6 million numbers can beat: reading them. */
export function reading(count: number): Subject {
  const { ptr } = rand([count]).keep().storage;
  return {
    name: `read ${count} floats`,
    flops: 0,
    bytes: 4 * count,
    run: () => void kernels.readFloor(ptr, 4 * count),
  };
}

/** A training step of Sora, batch 64, Adam, as a user writes it. */
export function trainingStep(batch: number): { step: () => void; update: () => void } {
  const model = new Sora();
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
  const input = images(batch).keep();
  const target = labels(batch).keep();
  const step = () =>
    scope(() => {
      optimizer.zeroGrad();
      crossEntropy(model.forward(input), target).backward();
      optimizer.step();
    });
  return { step, update: () => optimizer.step() };
}

export function inference(batch: number): () => void {
  const model = new Sora();
  const input = images(batch).keep();
  return () => noGrad(() => scope(() => void model.forward(input)));
}

/** One application of an op to one number: what the engine costs above its kernels. */
export function overhead(recorded: boolean): () => void {
  const input = ones([1]).keep();
  input.requiresGrad = recorded;
  const once = () => quark.relu(input).dispose();
  return recorded ? once : () => noGrad(once);
}
