import * as assert from "uvu/assert";
import { observe } from "../../src/core/observe.ts";
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
