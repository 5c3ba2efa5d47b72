import { apply } from "../../core/apply.ts";
import type { Block, Particle } from "../../core/particle.ts";
import { type Shape, show, sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { kernels } from "../../engine/generated/matrix.ts";
import { parallel } from "../../engine/parallel.ts";
import { derived, stands } from "../../engine/storage.ts";
import { ShapeError } from "../../errors.ts";
import { multiply } from "./how/matrixProduct.ts";

/** Numbers in a weight below which packing it saves nothing; nor does it where panels of 16 columns would be half empty. */
const smallestPacked = 1024;

interface LinearPlan {
  readonly rows: number;
  readonly outputs: number;
  readonly inputs: number;
}

type Ports = { input: 1; weight: 1; bias?: 1 };

export const linearParticle: Particle<Ports, void, "input" | "weight", object, LinearPlan> = {
  name: "linear",
  summary: "Weighs the features of each sample: a fully connected layer.",
  formula: "y[…,o] = b[o] + Σ i  x[…,i] · w[o,i]",
  example: {
    inputs: {
      input: [
        [1, 2],
        [3, 4],
      ],
      weight: [
        [5, 6],
        [7, 8],
        [9, 10],
      ],
      bias: [1, 0, -1],
    },
  },
  keeps: ["input", "weight"],
  kernels: { kind: "neuron", axis: -1, ports: ["weight", "bias"], inputAxis: 1 },
  plan({ input, weight, bias }) {
    check(input, weight, bias);
    const [outputs, inputs] = weight as readonly [number, number];
    return { rows: sizeOf(input.slice(0, -1)), outputs, inputs };
  },
  shape: ({ input }, { outputs }) => [...input.slice(0, -1), outputs],
  workspace(_, { rows, outputs }) {
    const blocks = blocksOf(rows);
    return { backward: blocks === 1 ? 0 : 4 * blocks * paddedColumns(outputs) };
  },
  forward({ input, weight, bias, output }, { rows, outputs, inputs }) {
    const [b, layout] = laidOut(weight);
    multiply(input.ptr, b, output.ptr, { M: rows, N: outputs, K: inputs, ...layout, bias: bias?.ptr ?? 0 });
  },
  backward({ input, weight, grad, workspace }, into, { rows, outputs, inputs }) {
    if (into.input) multiply(grad.ptr, weight.ptr, into.input.ptr, { M: rows, N: inputs, K: outputs });
    if (into.weight) multiply(grad.ptr, input.ptr, into.weight.ptr, { M: outputs, N: inputs, K: rows, transA: true });
    if (into.bias) sumRows(grad.ptr, into.bias.ptr, rows, outputs, workspace);
  },
  cost({ input, weight, bias }, { rows, outputs, inputs }) {
    return {
      flops: rows * outputs * (2 * inputs + (bias ? 1 : 0)),
      products: rows * outputs * inputs,
      bytes: 4 * (sizeOf(input) + sizeOf(weight) + (bias ? outputs : 0) + rows * outputs),
    };
  },
  definition({ input, weight, bias }) {
    const [outputs, inputs] = weight.shape as readonly [number, number];
    const rows = sizeOf(input.shape.slice(0, -1));
    const result: number[] = [];
    for (let n = 0; n < rows; n++) {
      for (let o = 0; o < outputs; o++) {
        let sum = bias ? bias.data[o]! : 0;
        for (let i = 0; i < inputs; i++) sum += input.data[n * inputs + i]! * weight.data[o * inputs + i]!;
        result.push(sum);
      }
    }
    return result;
  },
};

/**
 * A fully connected layer, `x · Wᵀ + b`: each row of `input` [..., in] is weighed with each row of `weight` [out, in], and `bias` [out] is
 * added; the output is [..., out]. All float32. The weight lies as in PyTorch, one row for each output.
 *
 * A row of the output has the same bits in any batch.
 *
 * @throws ShapeError where the input is a scalar, the weight is no matrix, its columns are not as many as the input has
 * features, and where the bias is not one number for each row of the weight.
 */
export function linear(input: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  return apply(linearParticle, { input, weight, ...(bias && { bias }) }, undefined);
}

/** The weight as a product reads it: as it is the first time, packed once and for all if it stands. The bits are the same. */
function laidOut(weight: Block): [b: number, layout: { readonly transB?: boolean; readonly packedB?: boolean }] {
  const [N, K] = weight.shape as readonly [number, number];
  if (N < 8 || weight.size < smallestPacked || !stands(weight.storage, "linear")) return [weight.ptr, { transB: true }];
  const key = `linear ${N}, ${K}`;
  const packed = derived(weight.storage, key, kernels.packedB(N, K), (ptr) => kernels.packB(weight.ptr, ptr, N, K));
  return [packed, { packedB: true }];
}

function check(input: Shape, weight: Shape, bias: Shape | undefined): void {
  if (weight.length !== 2) {
    throw new ShapeError(
      `linear: weight must have 2 dimensions (out, in), got ${weight.length} (weight ${show(weight)})`,
    );
  }
  if (input.length === 0) {
    throw new ShapeError(
      `linear: input must have at least 1 dimension, got a scalar ${shown(input, weight)}; its last axis is the features`,
    );
  }
  const [outputs, inputs] = weight as readonly [number, number];
  const features = input.at(-1)!;
  if (features !== inputs) {
    throw new ShapeError(
      `linear: input has ${features} features but weight expects ${inputs} ${shown(input, weight)}; ${adviceFor(input, outputs, inputs)}`,
    );
  }
  if (bias && (bias.length !== 1 || bias[0] !== outputs)) {
    throw new ShapeError(
      `linear: bias must be [${outputs}], one number for each row of weight (bias ${show(bias)}, weight ${show(weight)})`,
    );
  }
}

function shown(input: Shape, weight: Shape): string {
  return `(input ${show(input)}, weight ${show(weight)})`;
}

/** What probably went wrong before a layer whose input has the wrong number of features. */
function adviceFor(input: Shape, outputs: number, inputs: number): string {
  const [samples, ...rest] = input;
  if (rest.length > 1 && sizeOf(rest) === inputs) {
    return `flatten each sample first: ${rest.join("*")} = ${inputs}`;
  }
  if (input.at(-1) === outputs) return "weight is [out, in] and looks transposed";
  const values = sizeOf(input);
  if (rest.length === 1 && inputs > 0 && values > 0 && values % inputs === 0) {
    return `${samples} rows of ${rest[0]} are ${values / inputs} rows of ${inputs}: was it flattened to rows of the wrong length?`;
  }
  return "they must be equal";
}

/** Rows that are summed on their own: about √rows, so that no sum is long, whatever the batch. */
function blockLength(rows: number): number {
  return Math.max(64, Math.ceil(Math.sqrt(rows)));
}

function blocksOf(rows: number): number {
  return Math.max(1, Math.ceil(rows / blockLength(rows)));
}

/** A row of partial sums in whole strips of 16. */
function paddedColumns(columns: number): number {
  return 16 * Math.ceil(columns / 16);
}

/** y[j] = Σ n  x[n,j]: blocks of rows first, then the sums of the blocks. */
function sumRows(x: number, y: number, rows: number, columns: number, workspace: number): void {
  const length = blockLength(rows);
  const blocks = blocksOf(rows);
  const padded = paddedColumns(columns);
  const grain = Math.ceil(2 ** 18 / Math.max(1, length * columns));
  const partial = blocks === 1 ? y : workspace;
  parallel(kernels.linearGradBias, blocks, grain, x, partial, rows, columns, columns, padded, length);
  if (blocks > 1) kernels.linearGradBias(partial, y, blocks, columns, padded, padded, blocks, 0, 1);
}
