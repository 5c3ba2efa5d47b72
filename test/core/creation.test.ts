import * as assert from "uvu/assert";
import {
  arange,
  type DType,
  DtypeError,
  empty,
  eye,
  full,
  linspace,
  memory,
  ones,
  onesLike,
  type Shape,
  ShapeError,
  tensor,
  zeros,
  zerosLike,
} from "../../src/index.ts";
import { bits, ulp } from "../helpers/compare.ts";
import { expectError } from "../helpers/particleChecks.ts";
import { suite } from "../helpers/suite.ts";

suite("tensor()", (test) => {
  test("takes numbers nested to any depth", () => {
    bits(tensor(3), { shape: [], data: [3] });
    bits(tensor([]), { shape: [0], data: [] });
    bits(tensor([[], []]), { shape: [2, 0], data: [] });
    bits(tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]), { shape: [2, 2, 2], data: [1, 2, 3, 4, 5, 6, 7, 8] }); // biome-ignore format: as a block
  });

  test("takes typed arrays with their dtype, a shape, or another dtype", () => {
    for (const [data, dtype] of [
      [Float32Array.of(1, 2), "float32"],
      [Float64Array.of(1, 2), "float32"],
      [Int32Array.of(1, 2), "int32"],
      [Uint8Array.of(1, 2), "uint8"],
    ] as const) {
      assert.is(tensor(data).dtype, dtype);
    }
    bits(tensor(Int32Array.of(1, 2, 3, 4), { shape: [2, 2], dtype: "float32" }), { shape: [2, 2], data: [1, 2, 3, 4] });
    assert.is(tensor([1, 2], { dtype: "int32" }).data.constructor, Int32Array);
  });

  test("copies", () => {
    const data = Float32Array.of(1, 2);
    const x = tensor(data);
    data[0] = 9;
    bits(x, [1, 2]);
    const shape = [2];
    const y = tensor([1, 2], { shape });
    shape[0] = 7;
    assert.equal(y.shape, [2]);
  });

  test("rounds to float32 once, and keeps −0, NaN and denormals", () => {
    bits(tensor([0.1, -0, Number.NaN, 1e-45, 1e39]), [0.1, -0, Number.NaN, 1e-45, Number.POSITIVE_INFINITY]);
  });

  test("refuses what is not rectangular or no number, before taking memory", () => {
    const before = memory();
    const rule = "every array at a depth must be as long as the first";
    expectError(
      () => tensor([[1, 2], [3]]),
      ShapeError,
      `tensor: nested arrays differ in length, 2 entries and 1 entries at depth 1; ${rule} (shape [2, 2])`,
    );
    expectError(
      () => tensor([[1, 2], 3]),
      ShapeError,
      `tensor: nested arrays differ in length, 2 entries and a number at depth 1; ${rule} (shape [2, 2])`,
    );
    expectError(
      () => tensor([1, [2]]),
      ShapeError,
      `tensor: nested arrays differ in length, a number and 1 entries at depth 1; ${rule} (shape [2])`,
    );
    for (const wrong of ["text", null, undefined, true, 1n, {}, [1, "2"], [undefined], new Array(2), [[null]]]) {
      assert.throws(
        () => tensor(wrong as number),
        (error: Error) => error instanceof DtypeError,
        JSON.stringify([typeof wrong]),
      );
    }
    expectError(
      () => tensor([1, 2, 3], { shape: [2, 2] }),
      ShapeError,
      "tensor: 3 numbers do not fill shape [2, 2], which takes 4",
    );
    expectError(
      () => tensor([1], { dtype: "float64" as DType }),
      DtypeError,
      'tensor: dtype "float64" is not known; use "float32", "int32" or "uint8"',
    );
    expectError(
      () => tensor([1], { dtype: "int32", requiresGrad: true }),
      DtypeError,
      "tensor: only float32 tensors have gradients, got int32; leave out requiresGrad",
    );
    assert.is(memory().liveBlocks, before.liveBlocks);
  });
});

suite("tensors of a shape", (test) => {
  test("zeros, ones, full, eye and their kin", () => {
    bits(zeros([2, 2]), { shape: [2, 2], data: [0, 0, 0, 0] });
    bits(ones([3]), [1, 1, 1]);
    bits(full([2], -0), [-0, -0]);
    bits(full([], 7), { shape: [], data: [7] });
    bits(eye(2), { shape: [2, 2], data: [1, 0, 0, 1] });
    bits(eye(2, 3), { shape: [2, 3], data: [1, 0, 0, 0, 1, 0] });
    bits(eye(3, 2), { shape: [3, 2], data: [1, 0, 0, 1, 0, 0] });
    const x = tensor([[5, 6]], { dtype: "uint8" });
    for (const like of [zerosLike(x), onesLike(x)]) {
      assert.is(like.dtype, "uint8");
      assert.equal(like.shape, [1, 2]);
    }
    assert.ok(zeros([1], { requiresGrad: true }).requiresGrad);
    assert.is(empty([2, 0]).size, 0);
  });

  test("up to eight axes and no more", () => {
    assert.is(zeros([1, 1, 1, 1, 1, 1, 1, 2]).rank, 8);
    expectError(
      () => zeros([1, 1, 1, 1, 1, 1, 1, 1, 2]),
      ShapeError,
      "zeros: 9 dimensions are more than 8 (shape [1, 1, 1, 1, 1, 1, 1, 1, 2]); merge some with reshape",
    );
  });

  test("sizes are whole numbers, and their product is no more than memory can hold", () => {
    for (const size of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expectError(
        () => zeros([2, size]),
        ShapeError,
        `zeros: size ${size} is not a whole number of at least 0 (shape [2, ${size}])`,
      );
    }
    for (const size of ["2", 2n, null]) {
      expectError(
        () => zeros([size] as unknown as Shape),
        ShapeError,
        `zeros: size ${size} is not a whole number of at least 0 (shape [${size ?? ""}])`,
      );
    }
    expectError(
      () => ones([2 ** 16, 2 ** 16]),
      ShapeError,
      "ones: 4294967296 elements are more than 536870908 (shape [65536, 65536]); split the tensor",
    );
    expectError(
      () => full([2 ** 32, 2 ** 32, 2], 1),
      ShapeError,
      "full: 36893488147419103000 elements are more than 536870908 (shape [4294967296, 4294967296, 2]); split the tensor",
    );
  });
});

suite("ranges", (test) => {
  test("arange counts as PyTorch does", () => {
    bits(arange(4), [0, 1, 2, 3]);
    bits(arange(1, 4), [1, 2, 3]);
    bits(arange(1, 2, 0.25), [1, 1.25, 1.5, 1.75]);
    bits(arange(5, 0, -2), [5, 3, 1]);
    bits(arange(0), []);
    bits(arange(2.5), [0, 1, 2]);
    assert.is(arange(3, undefined, 1, { dtype: "int32" }).dtype, "int32");
    expectError(() => arange(0, 3, 0), ShapeError, "arange: step 0 does not lead from 0 to 3; change its sign");
    expectError(() => arange(0, 3, -1), ShapeError, "arange: step -1 does not lead from 0 to 3; change its sign");
    for (const end of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expectError(() => arange(end), ShapeError, `arange: step 1 does not lead from 0 to ${end}; change its sign`);
    }
  });

  test("linspace ends where it should; PyTorch's own last bits depend on the machine", () => {
    bits(linspace(0, 1, 5), [0, 0.25, 0.5, 0.75, 1]);
    bits(linspace(-3, 7, 1), [-3]);
    bits(linspace(2, 1, 3), [2, 1.5, 1]);
    bits(linspace(0, 1, 0), []);
    const torch = {
      ten: [
        0.10000000149011612, 0.1666666567325592, 0.23333331942558289, 0.29999998211860657, 0.36666664481163025,
        0.4333333373069763, 0.5, 0.5666666626930237, 0.6333333253860474, 0.699999988079071,
      ],
      eight: [
        -1.0, -0.5714285373687744, -0.1428571343421936, 0.2857142984867096, 0.7142857313156128, 1.1428570747375488,
        1.5714285373687744, 2.0,
      ],
    };
    ulp(linspace(0.1, 0.7, 10), torch.ten, 1);
    ulp(linspace(-1, 2, 8), torch.eight, 1);
  });
});
