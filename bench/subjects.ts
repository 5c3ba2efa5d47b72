/** What is measured: applications of particles, seen by the observer while the library's own functions run. */

import { bytesOf, type DType } from "../src/core/dtype.ts";
import { blockOf } from "../src/core/forward.ts";
import { type Application, observe } from "../src/core/observe.ts";
import type { Block } from "../src/core/particle.ts";
import { costFor, prepare as planned } from "../src/core/plans.ts";
import { type Shape, show, sizeOf } from "../src/core/shape.ts";
import { kernels } from "../src/engine/generated/engine.ts";
import { engine } from "../src/engine/module.ts";
import { Storage } from "../src/engine/storage.ts";
import { workspaceFor } from "../src/engine/workspace.ts";
import { matmulParticle, rand, scope } from "../src/index.ts";
import { multiply } from "../src/particles/matrix/how/matrixProduct.ts";

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
 * The forward and the backward pass of one application, straight at the particle. With `changing`, as in training, the
 * inputs are new each time, so that what a particle derives from them is computed again.
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
  const prepared = planned(particle, inputs, attributes);
  const { plan } = prepared;
  for (const { name, shape, dtype } of prepared.auxiliary) blocks[name] = freshBlock(name, shape, dtype);
  const label = [particle.name, ...Object.values(shapes).map(show), ...telling(attributes)].join(" ");
  const prepare = () => {
    at.workspace = workspaceFor(Math.max(prepared.forwardBytes, prepared.backwardBytes));
  };
  const at: Record<string, Block> & { workspace: number } = Object.assign(blocks as Record<string, never>, {
    workspace: 0,
  });
  const change = () => {
    for (const port in shapes) blocks[port]!.storage.version++;
  };
  const forward: Subject = {
    name: `${label} forward`,
    ...particle.cost(shapes, plan),
    prepare,
    run: () => {
      if (changing) change();
      particle.forward(at, plan);
    },
  };
  const wanted = Object.keys(inputs).filter((port) => inputs[port]!.requiresGrad);
  if (!particle.backward || wanted.length === 0) return { subjects: [forward], release };
  prepare();
  particle.forward(at, plan);
  blocks.grad = freshBlock("gradient", output.shape, "float32");
  new Float32Array(engine().memory.buffer, blocks.grad.ptr, output.size).fill(0.5);
  const into = Object.fromEntries(
    wanted.map((port) => [port, freshBlock(`gradient of ${port}`, shapes[port]!, "float32")]),
  );
  const kept = particle.keeps as readonly string[];
  // Where two inputs are kept, each gradient is such a product as the output is, and costs as much; of others no cost
  // is claimed.
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
        particle.backward!(at as never, targets, plan);
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
  const cost = costFor(matmulParticle, { a: shape, b: shape }, undefined);
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
