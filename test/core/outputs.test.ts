import * as assert from "uvu/assert";
import { apply } from "../../src/core/apply.ts";
import type { SeveralParticle } from "../../src/core/particle.ts";
import {
  blockData,
  GraphError,
  memory,
  nn,
  noGrad,
  type Particle,
  study,
  sum,
  type Tensor,
  tensor,
} from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { expectError } from "../helpers/particleChecks.ts";
import { suite } from "../helpers/suite.ts";

const view = (block: Parameters<typeof blockData>[0]) => blockData(block) as Float32Array;

/** Doubles, squares, and the sign of each element, which no gradient flows through. */
type Outputs = { twice: 1; square: 1; sign: 1 };
const both: SeveralParticle<{ input: 1 }, void, Outputs, "input"> = {
  name: "both",
  summary: "Twice each element, its square and its sign.",
  formula: "twice = 2x, square = x², sign = x > 0",
  example: { inputs: { input: [1, -2] } },
  keeps: ["input"],
  outputs: ({ input }) => ({
    twice: { shape: input },
    square: { shape: [...input, 1] },
    sign: { shape: input, dtype: "int32" },
  }),
  forward({ input, twice, square, sign }) {
    const x = view(input);
    view(twice).set(x.map((value) => 2 * value));
    view(square).set(x.map((value) => value * value));
    blockData(sign).set(x.map((value) => (value > 0 ? 1 : 0)));
  },
  backward({ input, grads }, into) {
    const dx = view(into.input!).fill(0);
    view(input).forEach((value, at) => {
      if (grads.twice) dx[at]! += 2 * view(grads.twice)[at]!;
      if (grads.square) dx[at]! += 2 * value * view(grads.square)[at]!;
    });
  },
  cost: () => ({ flops: 0, bytes: 0 }),
  definition: ({ input }) => ({
    twice: Array.from(input.data, (x) => 2 * x),
    square: Array.from(input.data, (x) => x * x),
    sign: Array.from(input.data, (x) => (x > 0 ? 1 : 0)),
  }),
};

/** y = x + running mean before it; the running mean becomes the mean of x. */
const centre: Particle<{ input: 1; mean: 1 }, { training: boolean }> = {
  name: "centre",
  formula: "y = x + mean; mean ← x[0]",
  keeps: [],
  state: ["mean"],
  updates: ({ training }) => training,
  stateAfter: ({ input }, { training }) => (training ? { mean: [input.data[0]!] } : {}),
  shape: ({ input }) => input,
  forward({ input, mean, output }, { training }) {
    const old = view(mean)[0]!;
    view(output).set(view(input).map((value) => value + old));
    if (training) view(mean)[0] = view(input)[0]!;
  },
  backward({ grad }, into) {
    view(into.input!).set(view(grad));
  },
  cost: () => ({ flops: 0, bytes: 0 }),
  definition: ({ input, mean }) => Array.from(input.data, (x) => x + mean.data[0]!),
};

suite("several outputs", (test) => {
  test("come as a record, each with its shape and dtype", () => {
    const outputs = apply(both, { input: tensor([1, -2]) }, undefined);
    bits(outputs.twice, [2, -4]);
    bits(outputs.square, [1, 4]);
    assert.equal(outputs.square.shape, [2, 1]);
    assert.is(outputs.sign.dtype, "int32");
    bits(outputs.sign, [1, 0]);
  });

  test("gradients arrive at one, at the other, or at both", () => {
    const gradient = (loss: (made: Record<keyof Outputs, Tensor>) => Tensor) => {
      const x = tensor([1, -2], { requiresGrad: true });
      loss(apply(both, { input: x }, undefined)).backward();
      return x.grad!;
    };
    bits(
      gradient(({ twice }) => sum(twice)),
      [2, 2],
    );
    bits(
      gradient(({ square }) => sum(square)),
      [2, -4],
    );
    bits(
      gradient(({ twice, square }) => sum(twice.add(square.reshape([2])))),
      [4, -2],
    );
  });

  test("no gradient flows through an integer, and disposing of one leaves the others", () => {
    const x = tensor([1, -2], { requiresGrad: true });
    const { twice, square, sign } = apply(both, { input: x }, undefined);
    assert.is(sign.requiresGrad, false);
    square.dispose();
    sum(twice).backward();
    bits(x.grad!, [2, 2]);
    const before = memory().liveBlocks;
    const again = apply(both, { input: x }, undefined);
    for (const output of Object.values(again)) (output as Tensor).dispose();
    assert.is(memory().liveBlocks, before);
  });

  test("retainGrad keeps the gradient of each", () => {
    const x = tensor([3], { requiresGrad: true });
    const { twice, square } = apply(both, { input: x }, undefined);
    twice.retainGrad();
    square.retainGrad();
    sum(twice.mul(square.reshape([1]))).backward();
    bits(twice.grad!, [9]);
    bits(square.grad!, [6]);
    bits(x.grad!, [2 * 9 + 6 * 6]);
  });

  test("pass the suite of conformance, and explain themselves", async () => {
    await study.assertConformance(both, { accuracy: { ulp: 1 } });
    const wrong = { ...both, backward: (_: never, into: { input?: never }) => void view(into.input!).fill(1) };
    const { checks } = await study.conformance(wrong as unknown as typeof both);
    assert.ok(checks.some(({ ok }) => !ok));
    study.gradcheck(both, { input: [1, 2] }, undefined);
    assert.match(study.explain(both), /twice/);
  });

  test("are nodes with several values of a graph, which runs, is drawn and survives files", () => {
    class Net extends nn.Module {
      forward(x: Tensor) {
        const { twice, square } = apply(both, { input: x }, undefined);
        return twice.add(square.reshape([-1]));
      }
    }
    const x = tensor([1, -2, 3]);
    const model = new Net();
    const graph = study.decompose(model, x);
    const expected = model.forward(x);
    bits(graph.run(x) as Tensor, expected.data);
    assert.equal(graph.nodes[1]!.inputs, { input: "both#1.square" });
    assert.equal(Object.keys(graph.nodes[0]!.outputs!), ["twice", "square", "sign"]);
    assert.match(graph.toMermaid(), /n1 --> n2/);
    const again = study.graphFromFiles(study.graphToFiles(graph), { particles: [both] });
    bits(again.run(x) as Tensor, expected.data);
    assert.ok(study.verify(model, again, x).equal);
  });
});

suite("state", (test) => {
  test("is changed in place, and its version tells of it", () => {
    const mean = new nn.Buffer(tensor([10]));
    const { version } = mean.storage;
    const y = apply(centre, { input: tensor([1, 2]), mean }, { training: true });
    bits(y, [11, 12]);
    bits(mean, [1]);
    assert.is(mean.storage.version, version + 1);
    apply(centre, { input: tensor([5, 2]), mean }, { training: false });
    bits(mean, [1]);
    assert.is(mean.storage.version, version + 1);
    mean.dispose();
  });

  test("that a step kept may not change before its backward", () => {
    const mean = tensor([2]);
    const x = tensor([3], { requiresGrad: true });
    const y = x.mul(mean);
    apply(centre, { input: x, mean }, { training: true });
    assert.throws(() => y.backward(), /changed in place/);
  });

  test("gets no gradient, and may want none", () => {
    const x = tensor([3], { requiresGrad: true });
    const mean = tensor([2], { requiresGrad: true });
    expectError(
      () => apply(centre, { input: x, mean }, { training: true }),
      GraphError,
      "centre: mean is state, which no gradient flows to, but it requires one; pass mean.detach()",
    );
    noGrad(() => apply(centre, { input: x, mean }, { training: true }));
  });

  test("is held to its definition by the suite of conformance", async () => {
    const samples = [true, false].map((training) => ({ inputs: { input: [3], mean: [1] }, attributes: { training } }));
    await study.assertConformance(centre, { samples });
    const wrong = { ...centre, stateAfter: () => ({ mean: [7] }) };
    const { checks } = await study.conformance(wrong as typeof centre, { samples });
    assert.match(checks.find(({ ok }) => !ok)!.detail!, /the state mean/);
  });

  test("is seen by decompose, and restored by loadStateDict", () => {
    class Net extends nn.Module {
      readonly mean = new nn.Buffer(tensor([10]));
      forward(x: Tensor) {
        return apply(centre, { input: x, mean: this.mean }, { training: true });
      }
    }
    const model = new Net();
    const saved = { mean: { shape: [1], data: Float32Array.of(10) } };
    const graph = study.decompose(model, tensor([1, 2]));
    assert.equal(graph.nodes[0]!.inputs, { input: "input#1", mean: "mean" });
    bits(model.mean, [1]);
    graph.run(tensor([4, 2]));
    bits(model.mean, [4]);
    model.loadStateDict(saved);
    bits(model.mean, [10]);
    model.dispose();
  });
});
