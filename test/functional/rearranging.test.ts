import * as assert from "uvu/assert";
import { OptionError, ShapeError } from "../../src/errors.ts";
import type { Tensor } from "../../src/index.ts";
import {
  addmm,
  arange,
  baddbmm,
  bmm,
  diag,
  einsum,
  flip,
  maskedFill,
  outer,
  rand,
  repeat,
  repeatInterleave,
  roll,
  take,
  tensor,
  tile,
  tril,
  triu,
} from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { expectError } from "../helpers/particleChecks.ts";
import { suite } from "../helpers/suite.ts";

const grid = () => arange(6).reshape([2, 3]);
const is = (found: Tensor, shape: readonly number[], data: readonly number[]) => {
  assert.equal(found.shape, shape);
  bits(found.data, data);
};

suite("rearranging", (test) => {
  test("flip", () => {
    is(flip(grid(), 1), [2, 3], [2, 1, 0, 5, 4, 3]);
    is(flip(grid(), [0, -1]), [2, 3], [5, 4, 3, 2, 1, 0]);
  });
  test("roll", () => {
    is(roll(grid(), 1, 1), [2, 3], [2, 0, 1, 5, 3, 4]);
    is(roll(grid(), -1, 0), [2, 3], [3, 4, 5, 0, 1, 2]);
    is(roll(grid(), 8), [2, 3], [4, 5, 0, 1, 2, 3]);
  });
  test("repeat and tile", () => {
    is(repeat(tensor([1, 2]), [2]), [4], [1, 2, 1, 2]);
    is(repeat(tensor([[1], [2]]), [1, 2]), [2, 2], [1, 1, 2, 2]);
    is(repeat(tensor([1, 2]), [2, 1]), [2, 2], [1, 2, 1, 2]);
    is(tile(grid(), [2]), [2, 6], [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]);
  });
  test("repeatInterleave", () => {
    is(repeatInterleave(tensor([1, 2]), 2), [4], [1, 1, 2, 2]);
    is(repeatInterleave(grid(), 2, 0), [4, 3], [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]);
    is(repeatInterleave(grid(), 2), [12], [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  });
  test("maskedFill", () => {
    is(maskedFill(grid(), tensor([1, 0, 1], { dtype: "uint8" }), -1), [2, 3], [-1, 1, -1, -1, 4, -1]);
  });
  test("tril and triu, where NaN does not get through", () => {
    is(tril(grid()), [2, 3], [0, 0, 0, 3, 4, 0]);
    is(triu(grid(), 1), [2, 3], [0, 1, 2, 0, 0, 5]);
    is(
      tril(
        tensor([
          [1, Number.NaN],
          [2, 3],
        ]),
      ),
      [2, 2],
      [1, 0, 2, 3],
    );
  });
  test("diag", () => {
    is(diag(tensor([1, 2])), [2, 2], [1, 0, 0, 2]);
    is(diag(tensor([1, 2]), 1), [3, 3], [0, 1, 0, 0, 0, 2, 0, 0, 0]);
    is(diag(tensor([1, 2]), -1), [3, 3], [0, 0, 0, 1, 0, 0, 0, 2, 0]);
    is(diag(grid()), [2], [0, 4]);
    is(diag(grid(), 1), [2], [1, 5]);
    is(diag(grid(), -1), [1], [3]);
    is(diag(grid(), 3), [0], []);
  });
  test("take", () => {
    is(
      take(
        grid(),
        tensor(
          [
            [5, 0],
            [3, 3],
          ],
          { dtype: "int32" },
        ),
      ),
      [2, 2],
      [5, 0, 3, 3],
    );
  });
  test("their gradients go back to where the elements came from", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    repeat(x, [3]).sum().backward();
    bits(x.grad!, [3, 3]);
    const y = tensor([1, 2], { requiresGrad: true });
    diag(y, 1)
      .mul(arange(9).reshape([3, 3]))
      .sum()
      .backward();
    bits(y.grad!, [1, 5]);
    const z = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    roll(tril(z), 1, 1)
      .mul(
        tensor([
          [1, 2],
          [3, 4],
        ]),
      )
      .sum()
      .backward();
    bits(z.grad!, [2, 0, 4, 3]);
  });
  test("errors", () => {
    for (const [call, text] of [
      [() => roll(grid(), 0.5), "roll: shift 0.5 is not a whole number (input [2, 3])"],
      [
        () => repeat(grid(), [2]),
        "repeat: sizes [2] must be 2 or more whole numbers of at least 0 (input [2, 3]); give one an axis",
      ],
      [
        () => tile(grid(), [-1]),
        "tile: sizes [1, -1] must be 2 or more whole numbers of at least 0 (input [2, 3]); give one an axis",
      ],
      [
        () => repeatInterleave(grid(), -1),
        "repeatInterleave: repeats -1 is not a whole number of at least 0 (input [2, 3])",
      ],
      [() => tril(tensor([1])), "tril: input must have at least 2 dimensions, got 1 (input [1])"],
      [() => diag(tensor(1)), "diag: input must be a vector or a matrix and diagonal 0 a whole number (input [])"],
    ] as const)
      expectError(call, ShapeError, text);
  });
});

suite("products", (test) => {
  const a = () =>
    tensor([
      [1, 2],
      [3, 4],
    ]);
  test("outer, bmm, addmm, baddbmm", () => {
    is(outer(tensor([1, 2]), tensor([3, 4, 5])), [2, 3], [3, 4, 5, 6, 8, 10]);
    is(bmm(a().reshape([2, 1, 2]), a().reshape([2, 2, 1])), [2, 1, 1], [5, 25]);
    is(addmm(tensor([1, 1]), a(), a(), { beta: 2, alpha: 0.5 }), [2, 2], [5.5, 7, 9.5, 13]);
    is(addmm(tensor([Number.NaN, 1]), a(), a(), { beta: 0 }), [2, 2], [7, 10, 15, 22]);
    is(baddbmm(tensor([1]), a().reshape([2, 1, 2]), a().reshape([2, 2, 1])), [2, 1, 1], [6, 26]);
  });

  /** The sum over all letters, as it is written. */
  function naive(equation: string, operands: readonly Tensor[]): number[] {
    const [terms, output] = equation.split("->") as [string, string];
    const inputs = terms.split(",");
    const sizes = new Map<string, number>();
    for (const [k, labels] of inputs.entries()) {
      for (const [axis, label] of [...labels].entries()) sizes.set(label, operands[k]!.shape[axis]!);
    }
    const letters = [...output, ...[...sizes.keys()].filter((label) => !output.includes(label))];
    const result = new Array<number>([...output].reduce((size, label) => size * sizes.get(label)!, 1)).fill(0);
    const data = operands.map((operand) => Array.from(operand.data));
    const at = new Map<string, number>();
    const place = (labels: string) => [...labels].reduce((sum, label) => sum * sizes.get(label)! + at.get(label)!, 0);
    const walk = (depth: number): void => {
      if (depth === letters.length) {
        result[place(output)]! += inputs.reduce((product, labels, k) => product * data[k]![place(labels)]!, 1);
        return;
      }
      for (let i = 0; i < sizes.get(letters[depth]!)!; i++) {
        at.set(letters[depth]!, i);
        walk(depth + 1);
      }
    };
    walk(0);
    return result;
  }
  for (const [equation, ...shapes] of [
    ["ij,jk->ik", [2, 3], [3, 4]],
    ["bij,bkj->bik", [2, 3, 4], [2, 5, 4]],
    ["bhqd,bhkd->bhqk", [2, 2, 3, 4], [2, 2, 5, 4]],
    ["i,j->ji", [3], [4]],
    ["ij->ji", [3, 4]],
    ["ijk->j", [2, 3, 4]],
    ["ij,ij->", [3, 4], [3, 4]],
    ["ij,ij->ij", [3, 4], [3, 4]],
    ["ijk,jl,kl->il", [2, 3, 4], [3, 5], [4, 5]],
    ["ij,kl->ik", [2, 3], [4, 5]],
    ["a,ab,b->", [3], [3, 4], [4]],
  ] as const) {
    test(`einsum ${equation}`, () => {
      const operands = shapes.map((shape) => rand([...(shape as readonly number[])]));
      const found = einsum(equation, ...operands);
      const expected = naive(equation, operands);
      assert.is(found.data.length, expected.length);
      for (const [at, value] of expected.entries())
        assert.ok(Math.abs(found.data[at]! - value) < 1e-5 * (1 + Math.abs(value)));
    });
  }
  test("einsum without an output takes the letters that occur once, and has gradients", () => {
    is(einsum("ij, jk", a(), a()), [2, 2], [7, 10, 15, 22]);
    const x = tensor([1, 2], { requiresGrad: true });
    einsum("i,j->ij", x, tensor([3, 4]))
      .sum()
      .backward();
    bits(x.grad!, [7, 7]);
  });
  test("errors", () => {
    for (const [call, text] of [
      [
        () => einsum("i...,j->i", a(), a()),
        'einsum: "i..." is not understood (equation "i...,j->i", operand 0 [2, 2], operand 1 [2, 2]); name each axis by a letter, as in ij,jk->ik',
      ],
      [
        () => einsum("ij,jk", a()),
        'einsum: 2 terms for 1 operands (equation "ij,jk", operand 0 [2, 2]); give one term an operand',
      ],
      [
        () => einsum("i->i", a()),
        'einsum: "i" names 1 of 2 axes of operand 0 (equation "i->i", operand 0 [2, 2]); name each axis',
      ],
      [
        () => einsum("ii->i", a()),
        'einsum: "ii" has a letter twice (equation "ii->i", operand 0 [2, 2]); take the diagonal first, with diag',
      ],
      [
        () => einsum("ij,jk->ik", a(), grid().reshape([3, 2])),
        'einsum: "j" is 2 and 3 (equation "ij,jk->ik", operand 0 [2, 2], operand 1 [3, 2]); they must be equal',
      ],
      [
        () => einsum("ij->k", a()),
        'einsum: "k" of the output is in no term, or there twice (equation "ij->k", operand 0 [2, 2]); name axes of the operands, once each',
      ],
      [() => outer(a(), a()), "outer: a must have 1 dimensions, got 2 (a [2, 2])"],
      [
        () => bmm(rand([2, 1, 1]), rand([3, 1, 1])),
        "bmm: stacks of 2 and 3 matrices (a [2, 1, 1], b [3, 1, 1]); make them equal, or use matmul, which broadcasts",
      ],
    ] as const)
      expectError(call, ShapeError, text);
    expectError(
      () => addmm(a(), a(), a(), { gamma: 1 } as object),
      OptionError,
      'addmm: option "gamma" is not known; known are beta, alpha',
    );
  });
});
