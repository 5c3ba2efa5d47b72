import * as assert from "uvu/assert";
import { apply } from "../../src/core/apply.ts";
import { observe } from "../../src/core/observe.ts";
import type { Particle } from "../../src/core/particle.ts";
import {
  add,
  conv2d,
  manualSeed,
  maxPool2d,
  memory,
  mul,
  noGrad,
  randn,
  relu,
  sum,
  type Tensor,
  tensor,
} from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { failingAt } from "../helpers/failingAt.ts";
import { suite } from "../helpers/suite.ts";
import { viewOf } from "../helpers/toys.ts";

/** Under an observer nothing is deferred, so this is what everything else is compared with. */
const oneByOne = <T>(body: () => T): T => observe({}, body);
const blocksOf = (body: () => unknown): number => {
  const before = memory().liveBlocks;
  body();
  return memory().liveBlocks - before;
};
const chain = (x: Tensor) => maxPool2d(relu(x), 2);
const special = [Number.NaN, -0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 1, 1e-40, -1e-40];

/** Numbers of both signs with ties and special values among them. */
function mixed(shape: number[]): Tensor {
  manualSeed(shape.length + shape.at(-1)!);
  const x = randn(shape);
  for (let at = 0; at < x.size; at += 3) x.data[at] = special[(at / 3) % special.length]!;
  return x;
}

suite("deferred blocks", (test) => {
  test("relu of maps takes no memory until it is read", () => {
    const x = randn([1, 2, 8, 8]);
    let y!: Tensor;
    assert.is(
      blocksOf(() => (y = relu(x))),
      0,
    );
    assert.is(
      blocksOf(() => y.data),
      1,
    );
    bits(
      y,
      [...x.data].map((value) => (value < 0 ? 0 : value)),
    );
  });

  test("a pool behind relu reads the numbers before it", () => {
    const x = randn([1, 2, 8, 8]);
    // The maxima and their index.
    assert.is(
      blocksOf(() => noGrad(() => chain(x))),
      1,
    );
  });

  for (const shape of [
    [2, 3, 8, 8],
    [1, 1, 9, 13],
    [3, 2, 10],
    [1, 2, 4, 4],
  ].map((s) => (s.length === 3 ? [...s, 11] : s))) {
    test(`the bits are those of relu and then the pool, on ${shape.join("×")}`, () => {
      const results = [oneByOne, <T>(body: () => T) => body()].map((way) => {
        const x = mixed(shape);
        x.requiresGrad = true;
        return way(() => {
          const y = chain(x);
          const weights = mixed([...y.shape]);
          sum(mul(y, weights)).backward();
          return [y, x.grad!] as const;
        });
      });
      bits(results[1]![0], results[0]![0].data);
      bits(results[1]![1], results[0]![1].data);
    });
  }

  test("a relu that something else reads too gets both gradients", () => {
    const gradients = [oneByOne, <T>(body: () => T) => body()].map((way) => {
      const x = mixed([1, 2, 8, 8]);
      for (let at = 0; at < x.size; at++) if (!Number.isFinite(x.data[at]!)) x.data[at] = 0;
      x.requiresGrad = true;
      way(() => {
        const y = relu(x);
        add(sum(maxPool2d(y, 2)), sum(mul(y, y))).backward();
      });
      return x.grad!;
    });
    bits(gradients[1]!, gradients[0]!.data);
  });

  test("gradients are added up in the same order", () => {
    const gradients = [oneByOne, <T>(body: () => T) => body()].map((way) => {
      manualSeed(1);
      const x = randn([2, 2, 8, 8]);
      const [a, b, c] = [randn(x.shape), randn(x.shape), randn([2, 2, 4, 4])];
      x.requiresGrad = true;
      way(() => {
        const y = relu(x);
        const others = add(sum(mul(x, a)), sum(mul(x, b)));
        add(others, sum(mul(maxPool2d(y, 2), c))).backward();
      });
      return x.grad!;
    });
    bits(gradients[1]!, gradients[0]!.data);
  });

  for (const late of [false, true]) {
    test(`retainGrad ${late ? "after" : "before"} the pool gives the gradient of relu's output`, () => {
      const x = tensor(
        [
          [
            [
              [-1, -2, 3, 1, -1, -1, 2, 2],
              [-3, -4, 2, 0, -1, -1, 2, 2],
            ],
          ],
        ],
        { requiresGrad: true },
      );
      const y = relu(x);
      if (!late) y.retainGrad();
      const pooled = maxPool2d(y, 2);
      if (late) y.retainGrad();
      pooled.backward(tensor([[[[5, 6, 7, 8]]]]));
      bits(y.grad!, [5, 0, 6, 0, 7, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
      bits(x.grad!, [0, 0, 6, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    });
  }

  test("a particle of two ports absorbs at its input alone", () => {
    const work = Symbol("work");
    const double: Particle<{ input: 1 }, void> = {
      name: "double",
      formula: "y = 2x",
      keeps: [],
      absorbable: work,
      defers: () => true,
      shape: ({ input }) => input,
      forward: ({ input, output }) => viewOf(output).set(viewOf(input).map((value) => 2 * value)),
      backward: ({ grad }, into) => viewOf(into.input!).set(viewOf(grad).map((value) => 2 * value)),
      cost: () => ({ flops: 0, bytes: 0 }),
      definition: ({ input }) => Array.from(input.data, (value) => 2 * value),
    };
    const join: Particle<{ other: 1; input: 1 }, void> = {
      name: "join",
      formula: "y = other + 10 · input",
      keeps: [],
      absorbs: () => work,
      shape: ({ input }) => input,
      forward({ other, input, output }) {
        const [a, b, factor] = [viewOf(other), viewOf(input), input.pending ? 20 : 10];
        viewOf(output).set(a.map((value, at) => value + factor * b[at]!));
      },
      backward({ grad }, { other, input }) {
        if (other) viewOf(other).set(viewOf(grad));
        if (input) viewOf(input).set(viewOf(grad).map((value) => (input.pending ? 20 : 10) * value));
      },
      cost: () => ({ flops: 0, bytes: 0 }),
      definition: ({ other, input }) => Array.from(other.data, (value, at) => value + 10 * input.data[at]!),
    };
    const twice = (input: Tensor) => apply(double, { input }, undefined);
    for (const way of [oneByOne, <T>(body: () => T) => body()]) {
      const [x, z] = [tensor([1, 2], { requiresGrad: true }), tensor([3, 4], { requiresGrad: true })];
      const shared = tensor([5, 6], { requiresGrad: true });
      way(() => {
        const y = apply(join, { other: twice(x), input: twice(z) }, undefined);
        bits(y, [62, 84]);
        sum(y).backward();
        const both = twice(shared);
        sum(apply(join, { other: both, input: both }, undefined)).backward();
      });
      bits(x.grad!, [2, 2]);
      bits(z.grad!, [20, 20]);
      bits(shared.grad!, [22, 22]);
    }
  });

  test("what is written into the source later does not reach it", () => {
    const x = randn([1, 1, 8, 8]);
    const before = [...x.data];
    const y = relu(x);
    x.data.fill(7);
    bits(
      y,
      before.map((value) => (value < 0 ? 0 : value)),
    );
  });

  test("it outlives its source, and can end before it is read", () => {
    const x = randn([1, 1, 8, 8]);
    const before = [...x.data];
    const y = relu(x);
    x.dispose();
    bits(
      y,
      before.map((value) => (value < 0 ? 0 : value)),
    );
    const z = relu(y);
    y.dispose();
    z.dispose();
  });

  test("no gradient passes a relu that was not recorded, or was detached", () => {
    const x = randn([1, 1, 8, 8]);
    x.requiresGrad = true;
    assert.is(
      maxPool2d(
        noGrad(() => relu(x)),
        2,
      ).requiresGrad,
      false,
    );
    assert.is(maxPool2d(relu(x).detach(), 2).requiresGrad, false);
    const leaf = noGrad(() => relu(x));
    leaf.requiresGrad = true;
    sum(maxPool2d(leaf, 2)).backward();
    assert.ok(leaf.grad && !x.grad);
  });

  test("a graph that is retained can be walked again", () => {
    const x = randn([1, 1, 8, 8]);
    x.requiresGrad = true;
    const y = sum(chain(x));
    y.backward(undefined, { retainGraph: true });
    const once = [...x.grad!.data];
    y.backward();
    bits(
      x.grad!,
      once.map((value) => 2 * value),
    );
    assert.throws(() => y.backward(), /already walked/);
  });

  test("where there is no room for its numbers it stays deferred", () => {
    const x = randn([1, 1, 8, 8]);
    const y = relu(x);
    assert.ok(failingAt(1, () => y.data));
    bits(
      y,
      [...x.data].map((value) => (value < 0 ? 0 : value)),
    );
  });

  test("a convolution, its bias, relu and pool write only the maps and the maxima", () => {
    const [x, weight, bias] = [randn([2, 1, 8, 8]), randn([4, 1, 3, 3]), randn([4])];
    chain(conv2d(x, weight, bias, { padding: 1 })); // what is derived from the weight stays with it
    const made = blocksOf(() => noGrad(() => chain(conv2d(x, weight, bias, { padding: 1 }))));
    assert.is(made, 2);
  });
});
