import * as assert from "uvu/assert";
import { apply } from "../../src/core/apply.ts";
import type { Particle } from "../../src/core/particle.ts";
import { frozenCopy, sameData } from "../../src/core/plainData.ts";
import { prepare } from "../../src/core/plans.ts";
import { configure, conv2d, maxPool2d, noGrad, pad, permute, randn, slice, sum, tensor } from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";
import { viewOf } from "../helpers/toys.ts";

interface ScaleAttributes {
  readonly factors: readonly number[];
}

/** y = x · factors[0], with a plan that counts how often it is made. */
function counting() {
  let made = 0;
  const particle: Particle<{ a: 1 }, ScaleAttributes, never, object, { factor: number }> = {
    name: "scaled",
    formula: "y = a · factor",
    keeps: [],
    plan(_, { factors }) {
      made++;
      return { factor: factors[0]! };
    },
    shape: ({ a }) => a,
    forward: ({ a, output }, { factor }) => viewOf(output).set(viewOf(a).map((value) => value * factor)),
    backward: ({ grad }, into, { factor }) => viewOf(into.a!).set(viewOf(grad).map((value) => value * factor)),
    cost: () => ({ flops: 0, bytes: 0 }),
    definition: ({ a }, { factors }) => Array.from(a.data, (value) => value * factors[0]!),
  };
  return { particle, made: () => made };
}

suite("plans", (test) => {
  test("equal shapes and attributes share one, others do not", () => {
    const { particle, made } = counting();
    const scaled = (shape: number[], factors: number[]) => apply(particle, { a: randn(shape) }, { factors });
    scaled([2], [3]);
    scaled([2], [3]);
    assert.is(made(), 1);
    scaled([2], [4]);
    scaled([3], [3]);
    scaled([2, 1], [3]);
    scaled([2], [3, 3]);
    assert.is(made(), 5);
    scaled([2], [3]);
    scaled([3], [3]);
    assert.is(made(), 5);
  });

  test("there are at most 64 of a particle", () => {
    const { particle, made } = counting();
    const all = () => {
      for (let size = 1; size <= 80; size++) apply(particle, { a: randn([size]) }, { factors: [1] });
    };
    all();
    assert.is(made(), 80);
    all();
    assert.ok(made() > 80);
    apply(particle, { a: randn([80]) }, { factors: [1] });
    const before = made();
    for (let size = 80; size > 20; size--) apply(particle, { a: randn([size]) }, { factors: [1] });
    assert.is(made(), before);
  });

  test("settings are part of what it is made for", () => {
    const inputs = { input: randn([1, 8, 8, 8]), weight: randn([8, 8, 3, 3]) };
    const particle = conv2dOf(inputs);
    const attributes = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };
    const fast = prepare(particle, inputs, attributes);
    assert.is(prepare(particle, inputs, attributes), fast);
    configure({ winograd: false });
    try {
      assert.is.not(prepare(particle, inputs, attributes), fast);
    } finally {
      configure({ winograd: true });
    }
  });

  test("scratch of backward is not taken by inference", () => {
    const inputs = { input: randn([8, 8, 16, 16]), weight: randn([8, 8, 3, 3]) };
    const { forwardBytes, backwardBytes } = prepare(conv2dOf(inputs), inputs, {
      stride: [1, 1],
      padding: [1, 1],
      dilation: [1, 1],
      groups: 1,
    });
    assert.is(forwardBytes, 0);
    assert.ok(backwardBytes > 10_000);
  });

  test("shapes of outputs cannot be changed", () => {
    const y = noGrad(() => maxPool2d(randn([1, 1, 8, 8]), 2));
    assert.throws(() => ((y.shape as number[])[0] = 5), TypeError);
  });
});

function conv2dOf({ input, weight }: { input: ReturnType<typeof randn>; weight: ReturnType<typeof randn> }) {
  input.requiresGrad = true;
  return conv2d(input, weight).step!.particle;
}

suite("plain data", (test) => {
  test("is compared by value", () => {
    const data = { a: [1, Number.NaN, "x"], b: { c: undefined, d: -0 }, e: null, f: Float32Array.of(1, 2) };
    const copy = frozenCopy(data);
    assert.is.not(copy.a, data.a);
    assert.ok(Object.isFrozen(copy) && Object.isFrozen(copy.a) && Object.isFrozen(copy.b));
    assert.ok(sameData(copy, data));
    for (const [change, other] of [
      ["a value", { ...data, a: [1, Number.NaN, "y"] }],
      ["a length", { ...data, a: [1, Number.NaN] }],
      ["the sign of 0", { ...data, b: { c: undefined, d: 0 } }],
      ["a missing field", { ...data, b: { d: -0 } }],
      ["a further field", { ...data, g: 1 }],
      ["null", { ...data, e: undefined }],
      ["a typed array", { ...data, f: Float32Array.of(1, 3) }],
      ["its type", { ...data, f: [1, 2] }],
    ] as const) {
      assert.not(sameData(copy, other), change);
    }
    class Opaque {}
    const opaque = new Opaque();
    assert.is(frozenCopy(opaque), opaque);
    assert.not(sameData(opaque, opaque), "what an object of a class holds may have changed");
  });
});

suite("attributes that change before backward", (test) => {
  test("slice", () => {
    const x = tensor([1, 2, 3, 4, 5], { requiresGrad: true });
    const ranges: [number, number, number?][] = [[0, 2]];
    const y = slice(x, ranges);
    ranges[0] = [3, 5];
    y.backward(tensor([1, 1]));
    bits(x.grad!, [1, 1, 0, 0, 0]);
  });

  test("slice with a step that would lead outside of the block", () => {
    const x = tensor([1, 2, 3, 4], { requiresGrad: true });
    const range: [number, number, number?] = [0, 4];
    const y = slice(x, [range]);
    range[2] = 20;
    sum(y).backward();
    bits(x.grad!, [1, 1, 1, 1]);
  });

  test("pad", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const widths = [1, 2];
    const y = pad(x, widths);
    widths[0] = 3;
    y.backward(tensor([10, 20, 30, 40, 50]));
    bits(x.grad!, [20, 30]);
  });

  test("permute", () => {
    const x = tensor([[[1, 2, 3]]], { requiresGrad: true });
    const axes = [2, 0, 1];
    const y = permute(x, axes);
    axes.reverse();
    y.backward(tensor([[[4]], [[5]], [[6]]]));
    bits(x.grad!, [4, 5, 6]);
  });
});
