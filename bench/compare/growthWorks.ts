/**
 * Works whose size can be chosen: what `npm run bench -- --growth` and `npm run bench:torch` time. Each is written twice, as a call of the
 * library and as PyTorch's, so that both are given the same shapes.
 */
import * as quark from "../../src/index.ts";

type Tensor = ReturnType<typeof quark.rand>;

export interface GrowthWork {
  readonly name: string;
  /** PyTorch's call on the same tensors `a`, `b`, or `i` of places. */
  readonly torch: string;
  readonly sizes: readonly number[];
  shapes(size: number): {
    readonly a: readonly number[];
    readonly b?: readonly number[];
    readonly i?: readonly number[];
  };
  /** What `i` points into. */
  places?(size: number): number;
  run(a: Tensor, b: Tensor, i: Tensor): unknown;
  /** Elements of the output, or products of a matrix product: what a time is divided by. */
  elements(size: number): number;
  /** Of one element, where arithmetic decides. */
  readonly flops?: number;
}

const lengths = [1e3, 1e4, 1e5, 1e6] as const;
const sides = [64, 256, 1024, 2048] as const;

/** An op on `size` numbers. */
const each = (name: string, torch: string, run: (a: Tensor, b: Tensor) => unknown): GrowthWork => ({
  name,
  torch,
  sizes: lengths,
  shapes: (size) => ({ a: [size], b: [size] }),
  run,
  elements: (size) => size,
});

/** An op on rows of `size` numbers, a million in all. */
const rows = (name: string, torch: string, run: (a: Tensor) => unknown): GrowthWork => ({
  name,
  torch,
  sizes: [10, 100, 1000, 10_000],
  shapes: (size) => ({ a: [1e6 / size, size] }),
  run,
  elements: () => 1e6,
});

/** [M, K] · [K, N]. */
const product = (
  name: string,
  sizes: readonly number[],
  shape: (size: number) => readonly [number, number, number],
): GrowthWork => ({
  name,
  torch: "a @ b",
  sizes,
  shapes(size) {
    const [M, K, N] = shape(size);
    return { a: [M, K], b: [K, N] };
  },
  run: (a, b) => quark.matmul(a, b),
  elements: (size) => shape(size).reduce((all, one) => all * one),
  flops: 2,
});

/** `count` products of [size, size]. */
const stacked = (count: number): GrowthWork => ({
  name: `${count} products of n × n`,
  torch: "a @ b",
  sizes: [3, 8, 16, 32],
  shapes: (size) => ({ a: [count, size, size], b: [count, size, size] }),
  run: (a, b) => quark.matmul(a, b),
  elements: (size) => count * size ** 3,
  flops: 2,
});

/** A convolution of 64 to 64 channels over 8 maps of `size` × `size`. */
const convolved = (kernel: number, padding: number): GrowthWork => ({
  name: `conv2d ${kernel} × ${kernel}, 64 to 64 channels, 8 maps of n × n`,
  torch: `F.conv2d(a, b, padding=${padding})`,
  sizes: [7, 14, 28, 56],
  shapes: (size) => ({ a: [8, 64, size, size], b: [64, 64, kernel, kernel] }),
  run: (a, b) => quark.conv2d(a, b, undefined, { padding }),
  elements: (size) => 8 * 64 * 64 * kernel ** 2 * size ** 2,
  // Winograd's way computes fewer products than are counted, so that no share of the peak says anything.
  ...(kernel !== 3 && { flops: 2 }),
});

/** Columns, or places along the last axis, of [size, size]. */
const chosen = (name: string, torch: string, all: boolean, run: GrowthWork["run"]): GrowthWork => ({
  name,
  torch,
  sizes: [100, 300, 1000],
  shapes: (size) => ({ a: [size, size], i: all ? [size, size] : [size] }),
  places: (size) => size,
  run,
  elements: (size) => size ** 2,
});

export const growthWorks: readonly GrowthWork[] = [
  each("add", "a + b", (a, b) => quark.add(a, b)),
  each("add of a number", "a + 1.5", (a) => quark.add(a, 1.5)),
  each("pow 2", "a.pow(2)", (a) => quark.pow(a, 2)),
  each("pow 2.5", "a.pow(2.5)", (a) => quark.pow(a, 2.5)),
  each("exp", "a.exp()", (a) => quark.exp(a)),
  each("log", "a.log()", (a) => quark.log(a)),
  each("tanh", "a.tanh()", (a) => quark.tanh(a)),
  each("sigmoid", "a.sigmoid()", (a) => quark.sigmoid(a)),
  each("gelu", "F.gelu(a)", (a) => quark.gelu(a)),
  each("sum", "a.sum()", (a) => quark.sum(a)),
  {
    name: "randn",
    torch: "torch.randn(a.shape)",
    sizes: lengths,
    shapes: (size) => ({ a: [size] }),
    run: (a) => quark.randn(a.shape),
    elements: (size) => size,
  },
  rows("softmax of rows", "a.softmax(1)", (a) => quark.softmax(a, 1)),
  rows("softmax of columns", "a.softmax(0)", (a) => quark.softmax(a, 0)),
  rows("max of rows", "a.amax(1)", (a) => quark.max(a, 1)),
  rows("sum of rows", "a.sum(1)", (a) => quark.sum(a, 1)),
  product("n × n by n × n", [64, 256, 1024], (size) => [size, size, size]),
  product("1 × n by n × n", sides, (size) => [1, size, size]),
  product("6 × n by n × n", sides, (size) => [6, size, size]),
  product("n × n by n × 1", sides, (size) => [size, size, 1]),
  stacked(1000),
  convolved(3, 1),
  convolved(1, 0),
  convolved(5, 2),
  chosen("indexSelect of columns", "a.index_select(1, i)", false, (a, _, i) => quark.indexSelect(a, 1, i)),
  chosen("gather along the last axis", "a.gather(1, i)", true, (a, _, i) => quark.gather(a, 1, i)),
  {
    name: "concat of n pieces of [10, 10]",
    torch: "torch.cat(list(a))",
    sizes: [10, 100, 1000],
    shapes: (size) => ({ a: [size, 10, 10] }),
    run: (a) => quark.concat(piecesOf(a), 0),
    elements: (size) => 100 * size,
  },
];

const pieces = new WeakMap<Tensor, Tensor[]>();

/** The places of the first axis, cut apart once. */
function piecesOf(a: Tensor): Tensor[] {
  const made = pieces.get(a) ?? Array.from({ length: a.shape[0]! }, (_, at) => quark.select(a, 0, at).keep());
  pieces.set(a, made);
  return made;
}

/** The work at one size, with tensors of its own. */
export function prepared(work: GrowthWork, size: number): { readonly run: () => void; release(): void } {
  const { a, b = [1], i = [1] } = work.shapes(size);
  const tensors = [quark.rand(a), quark.rand(b), quark.randint(work.places?.(size) ?? 1, i)] as const;
  for (const tensor of tensors) tensor.keep();
  return {
    run: () => quark.noGrad(() => quark.scope(() => void work.run(...tensors))),
    release() {
      for (const tensor of [...tensors, ...(pieces.get(tensors[0]) ?? [])]) tensor.dispose();
    },
  };
}
