/** Products of matrices and their sums, and any contraction, all by matmul. */
import { type OptionsOf, readOptions, real } from "../core/options.ts";
import { scope } from "../core/scope.ts";
import { type Shape, show, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { ShapeError } from "../errors.ts";
import { add } from "../particles/arithmetic/add.ts";
import { mul } from "../particles/arithmetic/mul.ts";
import { permute } from "../particles/layout/permute.ts";
import { reshape } from "../particles/layout/reshape.ts";
import { matmul } from "../particles/matrix/matmul.ts";
import { sum } from "../particles/reduction/sum.ts";

export interface AddmmOptions {
  /** The factor of `input`. */
  readonly beta: number;
  /** The factor of the product. */
  readonly alpha: number;
}

const factors: OptionsOf<AddmmOptions> = { beta: real(1), alpha: real(1) };

/** `a` [n] times `b` [m], each with each: [n, m]. */
export function outer(a: Tensor, b: Tensor): Tensor {
  checkRank("outer", "a", a.shape, 1);
  checkRank("outer", "b", b.shape, 1);
  return scope(() => mul(reshape(a, [-1, 1]), b));
}

/** The products of a stack of matrices, [B, n, k] · [B, k, m]; `matmul` broadcasts, this does not. */
export function bmm(a: Tensor, b: Tensor): Tensor {
  checkStacks("bmm", a.shape, b.shape);
  return matmul(a, b);
}

/** beta·input + alpha·(a · b) for matrices [n, k] and [k, m]; `input` broadcasts to [n, m]. Both factors are 1 by default. */
export function addmm(input: Tensor, a: Tensor, b: Tensor, options?: Partial<AddmmOptions>): Tensor {
  checkRank("addmm", "a", a.shape, 2);
  checkRank("addmm", "b", b.shape, 2);
  return weighted("addmm", input, a, b, options);
}

/** beta·input + alpha·(a · b) for stacks [B, n, k] and [B, k, m]; `input` broadcasts to [B, n, m]. Both factors are 1 by default. */
export function baddbmm(input: Tensor, a: Tensor, b: Tensor, options?: Partial<AddmmOptions>): Tensor {
  checkStacks("baddbmm", a.shape, b.shape);
  return weighted("baddbmm", input, a, b, options);
}

function weighted(op: string, input: Tensor, a: Tensor, b: Tensor, options: Partial<AddmmOptions> | undefined): Tensor {
  const { beta, alpha } = readOptions<AddmmOptions>(op, options, factors);
  return scope(() => {
    const product = matmul(a, b);
    const right = alpha === 1 ? product : mul(product, alpha);
    if (beta === 0) return right; // also where the input is NaN
    return add(beta === 1 ? input : mul(input, beta), right);
  });
}

function checkRank(op: string, port: string, shape: Shape, rank: number): void {
  if (shape.length === rank) return;
  throw new ShapeError(`${op}: ${port} must have ${rank} dimensions, got ${shape.length} (${port} ${show(shape)})`);
}

function checkStacks(op: string, a: Shape, b: Shape): void {
  checkRank(op, "a", a, 3);
  checkRank(op, "b", b, 3);
  if (a[0] === b[0]) return;
  throw new ShapeError(
    `${op}: stacks of ${a[0]} and ${b[0]} matrices (a ${show(a)}, b ${show(b)}); make them equal, or use matmul, which broadcasts`,
  );
}

/** A tensor whose axes have names. */
interface Named {
  readonly labels: string;
  readonly tensor: Tensor;
}

/**
 * The sum of products that `equation` says, `"bij,bjk->bik"`: a letter names an axis, those that are not in the output are summed
 * over. Without `->` the output has the letters that occur once, in alphabetical order. Operands are contracted from left to
 * right, each pair by one matmul.
 *
 * @throws ShapeError for an equation that does not fit the operands, for sizes that differ under one letter, for a letter that an operand
 * has twice, and for an ellipsis.
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  const { inputs, output } = parsed(equation, operands);
  return scope(() => {
    let left = named(inputs[0]!, operands[0]!);
    for (let at = 1; at < operands.length; at++) {
      left = contracted(left, named(inputs[at]!, operands[at]!), output + inputs.slice(at + 1).join(""));
    }
    return arranged(summed(left, output), output);
  });
}

const named = (labels: string, tensor: Tensor): Named => ({ labels, tensor });

function contracted(one: Named, other: Named, later: string): Named {
  const a = summed(one, other.labels + later);
  const b = summed(other, one.labels + later);
  const shared = [...a.labels].filter((label) => b.labels.includes(label));
  const stack = shared.filter((label) => later.includes(label)).join("");
  const inner = shared.filter((label) => !later.includes(label)).join("");
  const rows = [...a.labels].filter((label) => !b.labels.includes(label)).join("");
  const columns = [...b.labels].filter((label) => !a.labels.includes(label)).join("");
  const size = (labels: string) => sizeOf(sizesOf(labels, a, b));
  const [S, M, N, K] = [size(stack), size(rows), size(columns), size(inner)];
  const left = reshape(arranged(a, stack + rows + inner), [S, M, K]);
  const right = reshape(arranged(b, stack + inner + columns), [S, K, N]);
  const labels = stack + rows + columns;
  return { labels, tensor: reshape(matmul(left, right), sizesOf(labels, a, b)) };
}

function sizesOf(labels: string, a: Named, b: Named): number[] {
  return [...labels].map((label) => {
    const { labels: own, tensor } = a.labels.includes(label) ? a : b;
    return tensor.shape[own.indexOf(label)]!;
  });
}

/** Without the axes that nobody asks for any more. */
function summed({ labels, tensor }: Named, wanted: string): Named {
  const gone = [...labels].flatMap((label, axis) => (wanted.includes(label) ? [] : [axis]));
  if (gone.length === 0) return { labels, tensor };
  return { labels: [...labels].filter((label) => wanted.includes(label)).join(""), tensor: sum(tensor, gone) };
}

function arranged({ labels, tensor }: Named, order: string): Tensor {
  return labels === order
    ? tensor
    : permute(
        tensor,
        [...order].map((label) => labels.indexOf(label)),
      );
}

function parsed(equation: string, operands: readonly Tensor[]): { readonly inputs: string[]; readonly output: string } {
  const refuse = (what: string, todo: string) => {
    const shapes = operands.map(({ shape }, index) => `operand ${index} ${show(shape)}`).join(", ");
    return new ShapeError(`einsum: ${what} (equation "${equation}"${shapes && `, ${shapes}`}); ${todo}`);
  };
  const [terms = "", result, ...more] = equation.replaceAll(" ", "").split("->");
  const inputs = terms.split(",");
  const odd = [...inputs, result ?? ""].find((labels) => !/^[A-Za-z]*$/.test(labels));
  if (odd !== undefined || more.length > 0) {
    throw refuse(`"${odd ?? equation}" is not understood`, "name each axis by a letter, as in ij,jk->ik");
  }
  if (inputs.length !== operands.length || operands.length === 0) {
    throw refuse(`${inputs.length} terms for ${operands.length} operands`, "give one term an operand");
  }
  const sizes = new Map<string, number>();
  for (const [index, labels] of inputs.entries()) {
    const { shape } = operands[index]!;
    if (labels.length !== shape.length) {
      throw refuse(`"${labels}" names ${labels.length} of ${shape.length} axes of operand ${index}`, "name each axis");
    }
    if (new Set(labels).size !== labels.length) {
      throw refuse(`"${labels}" has a letter twice`, "take the diagonal first, with diag");
    }
    for (const [axis, label] of [...labels].entries()) {
      const known = sizes.get(label) ?? shape[axis]!;
      if (known !== shape[axis]) throw refuse(`"${label}" is ${known} and ${shape[axis]}`, "they must be equal");
      sizes.set(label, known);
    }
  }
  const every = [...terms.replaceAll(",", "")];
  const output =
    result ??
    every
      .filter((label) => every.indexOf(label) === every.lastIndexOf(label))
      .sort()
      .join("");
  const unknown = [...output].find((label, at) => !sizes.has(label) || output.indexOf(label) !== at);
  if (unknown !== undefined)
    throw refuse(`"${unknown}" of the output is in no term, or there twice`, "name axes of the operands, once each");
  return { inputs, output };
}
