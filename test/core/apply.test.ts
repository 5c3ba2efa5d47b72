import * as assert from "uvu/assert";
import { apply } from "../../src/core/apply.ts";
import { type Application, observe } from "../../src/core/observe.ts";
import type { Particle } from "../../src/core/particle.ts";
import {
  broadcastShapes,
  dims4,
  normalizeAxes,
  normalizeAxis,
  sameShape,
  show,
  sizeOf,
  stridesOf,
} from "../../src/core/shape.ts";
import { backward, DtypeError, memory, ShapeError, tensor } from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { expectError } from "../helpers/particleChecks.ts";
import { suite } from "../helpers/suite.ts";
import { add, halve, mul, same, viewOf } from "../helpers/toys.ts";

suite("apply", (test) => {
  test("takes a number for a float32 scalar, which is freed unless a step keeps it", () => {
    const x = tensor(3, { requiresGrad: true });
    const before = memory().liveBlocks;
    bits(add(tensor(1), 2), [3]);
    const y = mul(x, 5);
    assert.is(memory().liveBlocks, before + 4, "tensor(1), the two results, and the 5 that the product keeps");
    backward(y);
    bits(x.grad!, [5]);
    assert.is(memory().liveBlocks, before + 4, "the gradient in place of the 5");
  });

  test("checks dtypes before anything else", () => {
    const x = tensor([[1, 2]], { dtype: "uint8" });
    const before = memory();
    expectError(
      () => halve(x),
      DtypeError,
      'toyHalve: a must be float32, got uint8 (a [1, 2]); convert it with to("float32")',
    );
    assert.is(memory().liveBlocks, before.liveBlocks);
  });

  test("asks the shape rule, then the check of values, before it takes memory", () => {
    const calls: string[] = [];
    const particle: Particle<{ a: 1 }, { ok: boolean }> = {
      name: "checked",
      formula: "y = a",
      keeps: [],
      shape({ a }) {
        calls.push("shape");
        if (a.length === 2) throw new ShapeError("checked: no matrices");
        return a;
      },
      check(_, { ok }) {
        calls.push("check");
        if (!ok) throw new ShapeError("checked: not ok");
      },
      workspace() {
        calls.push("workspace");
        return {};
      },
      forward({ a, output }) {
        calls.push("forward");
        viewOf(output).set(viewOf(a));
      },
      cost: () => ({ flops: 0, bytes: 0 }),
      definition: ({ a }) => a.data,
    };
    const [vector, matrix] = [tensor([1]), tensor([[1]])];
    const { liveBlocks, peakBytes } = memory();
    expectError(() => apply(particle, { a: matrix }, { ok: true }), ShapeError, "checked: no matrices");
    expectError(() => apply(particle, { a: vector }, { ok: false }), ShapeError, "checked: not ok");
    assert.is(memory().liveBlocks, liveBlocks);
    assert.is(memory().peakBytes, peakBytes);
    bits(apply(particle, { a: vector }, { ok: true }), [1]);
    bits(apply(particle, { a: tensor([2]) }, { ok: true }), [2]);
    assert.is(calls.join(" "), "shape shape workspace check shape workspace check forward check forward");
  });

  test("leaves out an optional port that is undefined", () => {
    const particle: Particle<{ a: 1; b?: 1 }, void> = {
      name: "optional",
      formula: "y = a",
      keeps: [],
      shape: (at) => {
        assert.equal(Object.keys(at), ["a"]);
        return at.a;
      },
      forward: (at) => {
        assert.not("b" in at);
        viewOf(at.output).set(viewOf(at.a));
      },
      cost: () => ({ flops: 0, bytes: 0 }),
      definition: ({ a }) => a.data,
    };
    bits(apply(particle, { a: tensor([1]), b: undefined }, undefined), [1]);
  });

  test("is observed, with what it was given; the innermost observer is told", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const seen: Application[] = [];
    const order: string[] = [];
    const result = observe(
      {
        starting: ({ name }) => order.push(`starting ${name}`),
        applied: (application) => seen.push(application),
        backwardStarting: ({ name }) => order.push(`back ${name}`),
        backwardDone: ({ name }) => order.push(`done ${name}`),
      },
      () => {
        const y = mul(halve(x), same(x));
        observe({}, () => halve(x));
        backward(y, tensor([1, 1]));
        return y;
      },
    );
    halve(x);
    assert.is(seen.map(({ particle }) => particle.name).join(" "), "toyHalve toySame toyMul");
    assert.is(seen[2]!.output, result);
    assert.is(seen[0]!.inputs.a, x);
    assert.is(
      order.join(", "),
      "starting toyHalve, starting toyMul, back toyMul, done toyMul, back toySame, done toySame, back toyHalve, done toyHalve",
    );
  });

  test("an observer is gone after an error", () => {
    let told = 0;
    const fail = () => {
      throw new Error("inside");
    };
    assert.throws(() => observe({ applied: () => told++ }, fail), /inside/);
    halve(tensor([1]));
    assert.is(told, 0);
  });
});

suite("shapes", (test) => {
  test("sizes, strides and how they are shown", () => {
    assert.is(sizeOf([]), 1);
    assert.is(sizeOf([2, 0, 3]), 0);
    assert.is(sizeOf([2, 3, 4]), 24);
    assert.equal(stridesOf([2, 3, 4]), [12, 4, 1]);
    assert.equal(stridesOf([]), []);
    assert.is(show([64, 1, 28, 28]), "[64, 1, 28, 28]");
    assert.ok(sameShape([1, 2], [1, 2]));
    assert.not(sameShape([1, 2], [1, 2, 1]));
    assert.not(sameShape([1, 2], [2, 1]));
  });

  test("broadcast as NumPy's do", () => {
    const cases: [number[], number[], number[]][] = [
      [[], [], []],
      [[3], [], [3]],
      [[2, 3], [3], [2, 3]],
      [
        [2, 1],
        [1, 3],
        [2, 3],
      ],
      [
        [5, 1, 4],
        [3, 1],
        [5, 3, 4],
      ],
      [
        [0, 3],
        [1, 3],
        [0, 3],
      ],
      [[1], [0], [0]],
      [[2, 0], [1], [2, 0]],
    ];
    for (const [a, b, expected] of cases) {
      assert.equal(broadcastShapes("add", { a, b }), expected);
      assert.equal(broadcastShapes("add", { a: b, b: a }), expected);
    }
    assert.equal(broadcastShapes("where", { condition: [2, 1], a: [3], b: [1] }), [2, 3]);
    expectError(
      () => broadcastShapes("add", { a: [2, 3], b: [4, 3] }),
      ShapeError,
      "add: sizes 2 and 4 at axis -2 do not match (a [2, 3], b [4, 3]); they must be equal, or one of them 1",
    );
    expectError(
      () => broadcastShapes("add", { a: [0], b: [2] }),
      ShapeError,
      "add: sizes 0 and 2 at axis -1 do not match (a [0], b [2]); they must be equal, or one of them 1",
    );
  });

  test("axes are counted from either end", () => {
    assert.is(normalizeAxis("sum", 1, 3), 1);
    assert.is(normalizeAxis("sum", -1, 3), 2);
    assert.is(normalizeAxis("sum", -3, 3), 0);
    assert.is(normalizeAxis("sum", 0, 0), 0);
    assert.is(normalizeAxis("sum", -1, 0), 0);
    for (const axis of [3, -4, 1.5, Number.NaN]) {
      expectError(
        () => normalizeAxis("sum", axis, 3),
        ShapeError,
        `sum: axis ${axis} is out of range for 3 dimensions; it must be a whole number from -3 to 2`,
      );
    }
    assert.equal(normalizeAxes("sum", undefined, 3), [0, 1, 2]);
    assert.equal(normalizeAxes("sum", -1, 3), [2]);
    assert.equal(normalizeAxes("sum", [-1, 0], 3), [0, 2]);
    assert.equal(normalizeAxes("sum", [], 3), []);
    assert.equal(normalizeAxes("sum", 0, 0), []);
    expectError(
      () => normalizeAxes("sum", [2, -1], 3),
      ShapeError,
      "sum: axes [2, -1] name an axis twice; give each once",
    );
  });

  test("dims4 says what was expected", () => {
    assert.equal(dims4("conv2d", "input", [1, 2, 3, 4], "N, C, H, W"), [1, 2, 3, 4]);
    expectError(
      () => dims4("conv2d", "input", [1, 2, 3], "N, C, H, W"),
      ShapeError,
      "conv2d: input must have 4 dimensions (N, C, H, W), got 3 (input [1, 2, 3])",
    );
  });
});
