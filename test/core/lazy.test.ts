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
  nn,
  noGrad,
  randn,
  relu,
  study,
  sum,
  type Tensor,
  tanh,
  tanhParticle,
  tensor,
} from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { failingAt } from "../helpers/failingAt.ts";
import { suite } from "../helpers/suite.ts";
import { viewOf } from "../helpers/toys.ts";

/** relu and a pool one by one, since somebody looks at what relu gives; and as they come. */
const ways = [
  (y: Tensor) => {
    void y.data;
    return y;
  },
  (y: Tensor) => y,
];
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

suite("lazy outputs", (test) => {
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
      const results = ways.map((way) => {
        const x = mixed(shape);
        x.requiresGrad = true;
        const y = maxPool2d(way(relu(x)), 2);
        const weights = mixed([...y.shape]);
        sum(mul(y, weights)).backward();
        return [y, x.grad!] as const;
      });
      bits(results[1]![0], results[0]![0].data);
      bits(results[1]![1], results[0]![1].data);
    });
  }

  test("a relu that something else reads too gets both gradients", () => {
    const gradients = ways.map((way) => {
      const x = mixed([1, 2, 8, 8]);
      for (let at = 0; at < x.size; at++) if (!Number.isFinite(x.data[at]!)) x.data[at] = 0;
      x.requiresGrad = true;
      const y = way(relu(x));
      add(sum(maxPool2d(y, 2)), sum(mul(y, y))).backward();
      return x.grad!;
    });
    bits(gradients[1]!, gradients[0]!.data);
  });

  for (const reader of ["none", "before the pool", "behind the pool", "a second pool"]) {
    test(`gradients are added up in the same order, where ${reader} reads relu's output too`, () => {
      const gradients = ways.map((way) => {
        manualSeed(1);
        const x = randn([2, 2, 8, 6 + reader.length]);
        const half = [2, 2, 4, Math.floor(x.shape[3]! / 2)];
        const [a, b, c, d] = [randn(x.shape), randn(x.shape), randn(half), randn(x.shape)];
        x.requiresGrad = true;
        const y = way(relu(x));
        const losses = [sum(mul(x, a)), sum(mul(x, b))];
        if (reader === "before the pool") losses.push(sum(mul(y, d)));
        losses.push(sum(mul(maxPool2d(y, 2), c)));
        if (reader === "behind the pool") losses.push(sum(mul(y, d)));
        if (reader === "a second pool") losses.push(sum(maxPool2d(y, 2)));
        losses.reduce((all, one) => add(all, one)).backward();
        return x.grad!;
      });
      bits(gradients[1]!, gradients[0]!.data);
    });
  }

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

  test("who reads it behind its fused reader is served, and not twice for the same work", () => {
    let forward = 0;
    const double = toy("double", 2, () => forward++);
    const twice: ToyParticle = { ...double, lazy: () => true };
    const triple: ToyParticle = {
      ...toy("triple", 3),
      fused: [{ port: "input", with: twice, as: toy("sixfold", 6) }],
    };
    const pass = () => {
      const x = tensor([1, 2], { requiresGrad: true });
      const y = apply(twice, { input: x }, undefined);
      const z = apply(triple, { input: y }, undefined);
      add(sum(z), sum(mul(y, y))).backward();
      return x.grad!;
    };
    bits(pass(), [14, 22]);
    assert.is(forward, 1);
    const seen: string[] = [];
    observe({ applied: ({ particle }) => seen.push(particle.name) }, pass);
    assert.is(seen.slice(0, 2).join(), "double,triple", "what was read again does not wait any more");
    assert.is(forward, 2);
  });

  test("a chain of three becomes one, and comes apart wherever it is read", () => {
    for (const look of ["nowhere", "at the first", "at the second", "at both"]) {
      const seen: string[] = [];
      const first: ToyParticle = { ...toy("first", 2), lazy: () => true };
      const second: ToyParticle = { ...toy("second", 3), lazy: () => true };
      const all = toy("all", 30);
      const behindTwo: ToyParticle = { ...toy("behindTwo", 15), fused: [{ port: "input", with: first, as: all }] };
      const third: ToyParticle = { ...toy("third", 5), fused: [{ port: "input", with: second, as: behindTwo }] };
      const x = tensor([1, 2], { requiresGrad: true });
      observe(
        { applied: ({ particle }) => seen.push(particle.name), backwardDone: ({ name }) => seen.push(`-${name}`) },
        () => {
          const a = apply(first, { input: x }, undefined);
          const b = apply(second, { input: a }, undefined);
          const losses = [sum(apply(third, { input: b }, undefined))];
          if (look === "at the first" || look === "at both") losses.push(sum(a));
          if (look === "at the second" || look === "at both") losses.push(sum(b));
          losses.reduce((total, one) => add(total, one)).backward();
        },
      );
      const own = seen.filter((name) => !/sum|add/.test(name)).join();
      const [expected, gradient] = {
        nowhere: ["all,-all", 30],
        "at the first": ["all,first,-behindTwo,-first", 32],
        "at the second": ["all,first,second,-third,-second,-first", 36],
        "at both": ["all,first,second,-third,-second,-first", 38],
      }[look]!;
      assert.is(own, expected, look);
      bits(x.grad!, [gradient as number, gradient as number]);
    }
  });

  test("a leaf, a detached output and an application that is not recorded", () => {
    const twice: ToyParticle = { ...toy("twice", 2), lazy: () => true };
    const triple: ToyParticle = { ...toy("triple", 3), fused: [{ port: "input", with: twice, as: toy("sixfold", 6) }] };
    const x = tensor([1, 2], { requiresGrad: true });
    const detached = apply(twice, { input: x }, undefined).detach();
    const seen: string[] = [];
    observe({ applied: ({ particle }) => seen.push(particle.name) }, () => {
      assert.is(apply(triple, { input: detached }, undefined).requiresGrad, false);
      noGrad(() => bits(apply(triple, { input: apply(twice, { input: x }, undefined) }, undefined), [6, 12]));
    });
    assert.is(seen.at(-1), "sixfold");
    const leaf = noGrad(() => apply(twice, { input: x }, undefined));
    leaf.requiresGrad = true;
    sum(apply(triple, { input: leaf }, undefined)).backward();
    bits(leaf.grad!, [3, 3]);
  });

  test("decomposed, the two are nodes of their own that say what ran; run again, the graph gives the same", () => {
    class Net extends nn.Module {
      forward(x: Tensor) {
        return chain(x);
      }
    }
    const x = randn([1, 2, 8, 10]);
    const model = new Net();
    const graph = study.decompose(model, x);
    assert.equal(
      graph.nodes.map(({ id, fused }) => `${id} ${fused}`),
      ["relu#1 reluMaxPool2d#1", "maxPool2d#1 reluMaxPool2d#1"],
    );
    bits(graph.run(x) as Tensor, model.forward(x).data);
    const edited = study.replace(graph, "relu#1", tanhParticle);
    bits(edited.run(x) as Tensor, maxPool2d(tanh(x), 2).data);
    const { total, cards } = study.costs(graph);
    assert.is(cards[0]!.fused, "reluMaxPool2d#1");
    assert.is(total.bytes, 4 * 160 + 5 * 40);
    const { entries } = study.profile(() => chain(x));
    assert.equal(
      entries.map(({ particle }) => particle),
      ["reluMaxPool2d"],
    );
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

  test("where there is no room for its numbers it stays lazy", () => {
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

type ToyParticle = Particle<{ input: 1 }, void>;

/** y = factor · x */
function toy(name: string, factor: number, ran: () => void = () => {}): ToyParticle {
  return {
    name,
    formula: `y = ${factor}x`,
    keeps: [],
    shape: ({ input }) => input,
    forward({ input, output }) {
      ran();
      viewOf(output).set(viewOf(input).map((value) => factor * value));
    },
    backward: ({ grad }, into) => viewOf(into.input!).set(viewOf(grad).map((value) => factor * value)),
    cost: () => ({ flops: 0, bytes: 0 }),
    definition: ({ input }) => Array.from(input.data, (value) => factor * value),
  };
}
