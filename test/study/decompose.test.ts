import * as assert from "uvu/assert";
import {
  add,
  concat,
  GraphError,
  manualSeed,
  nn,
  optim,
  rand,
  relu,
  reluParticle,
  Sora,
  study,
  sum,
  type Tensor,
} from "../../src/index.ts";
import { suite } from "../helpers/suite.ts";

const granularities = ["layer", "op", "kernel"] as const;

/** A block with a detour, as in ResNet, whose two applications of relu are one object. */
class Residual extends nn.Module {
  readonly first = new nn.Conv2d(8, 8, 3, { padding: 1 });
  readonly second = new nn.Conv2d(8, 8, 3, { padding: 1, groups: 2 });
  readonly relu = new nn.ReLU();

  forward(input: Tensor): Tensor {
    const detour = this.second.forward(this.relu.forward(this.first.forward(input)));
    return this.relu.forward(add(detour, input));
  }
}

/** Two inputs, two outputs, a weight that serves twice. */
class TwoEyes extends nn.Module {
  readonly eye = new nn.Conv2d(1, 4, 5);
  readonly head = new nn.Linear(8, 3);

  forward(left: Tensor, right: Tensor): { scores: Tensor; seen: Tensor } {
    const both = [left, right].map((image) => sum(relu(this.eye.forward(image)), [2, 3]));
    const seen = concat(both, 1);
    return { scores: this.head.forward(seen), seen };
  }
}

suite("decompose", (test) => {
  test("names every application of Sora", () => {
    manualSeed(0);
    const model = new Sora();
    const graph = study.decompose(model, rand([2, 1, 28, 28]));
    assert.equal(
      graph.nodes.map(({ id, module, shape }) => [id, module, shape.join("×")]),
      [
        ["conv2d#1", "conv1", "2×32×28×28"],
        ["relu#1", "relu", "2×32×28×28"],
        ["maxPool2d#1", "pool", "2×32×14×14"],
        ["conv2d#2", "conv2", "2×64×14×14"],
        ["relu#2", "relu", "2×64×14×14"],
        ["maxPool2d#2", "pool", "2×64×7×7"],
        ["flatten#1", "", "2×3136"],
        ["linear#1", "fc1", "2×128"],
        ["relu#3", "relu", "2×128"],
        ["linear#2", "fc2", "2×10"],
      ],
    );
    assert.equal(graph.node("conv2d#2").inputs, { input: "maxPool2d#1", weight: "conv2.weight", bias: "conv2.bias" });
    model.dispose();
  });

  for (const granularity of granularities) {
    test(`gives the bits of Sora at ${granularity} granularity, in any batch`, () => {
      manualSeed(1);
      const model = new Sora();
      const graph = study.decompose(model, rand([1, 1, 28, 28]), { granularity });
      const found = study.verify(model, graph, rand([3, 1, 28, 28]));
      assert.equal(found, { equal: true, firstDifference: undefined, largestDifference: 0, compared: 30 });
      model.dispose();
    });

    test(`gives the bits of a residual block with a shared relu and groups at ${granularity} granularity`, () => {
      manualSeed(2);
      const model = new Residual();
      const graph = study.decompose(model, rand([1, 8, 9, 7]), { granularity });
      assert.ok(study.verify(model, graph, rand([2, 8, 9, 7])).equal);
      assert.equal(graph.nodes.filter(({ particle }) => particle === reluParticle).length, 2);
      model.dispose();
    });

    test(`gives the bits of a model with two inputs and two outputs at ${granularity} granularity`, () => {
      manualSeed(3);
      const model = new TwoEyes();
      const eyes = [rand([2, 1, 8, 8]), rand([2, 1, 8, 8])];
      const graph = study.decompose(model, eyes, { granularity });
      assert.equal(graph.outputs.length, 2);
      assert.ok(study.verify(model, graph, eyes).equal);
      model.dispose();
    });
  }

  test("has one node a filter and a neuron at kernel granularity", () => {
    const model = new Sora();
    const graph = study.decompose(model, rand([1, 1, 28, 28]), { granularity: "kernel" });
    const kernels = graph.nodes.filter(({ id }) => id.includes("/"));
    assert.is(kernels.filter(({ id }) => id.includes("/filter")).length, 96);
    assert.is(kernels.filter(({ id }) => id.includes("/neuron")).length, 138);
    model.dispose();
  });

  test("lets gradients flow, so that a graph trains on", () => {
    manualSeed(4);
    const model = new Residual();
    const input = rand([2, 8, 6, 6]);
    const graph = study.decompose(model, input);
    const before = sum(graph.run(input) as Tensor).item();
    const optimizer = new optim.SGD([...graph.parameters()], { lr: 1e-3 });
    sum(graph.run(input) as Tensor).backward();
    optimizer.step();
    assert.ok(sum(graph.run(input) as Tensor).item() < before);
    assert.ok(study.verify(model, graph, input).equal); // the parameters are the model's
    model.dispose();
  });
});

suite("verify", (test) => {
  test("names the first particle that differs", () => {
    manualSeed(5);
    const model = new Residual();
    const input = rand([1, 8, 6, 6]);
    const graph = study.decompose(model, input);
    const edited = study.removeKernel(graph, "conv2d#2", 3);
    const found = study.verify(model, edited, input);
    assert.not(found.equal);
    assert.is(found.firstDifference?.id, "conv2d#2");
    assert.ok(found.largestDifference > 0);
    assert.ok(study.verify(model, graph, input).equal);
    model.dispose();
  });
});

suite("edit", (test) => {
  test("replaces, inserts and removes particles", () => {
    manualSeed(6);
    const model = new Residual();
    const input = rand([1, 8, 6, 6]);
    const graph = study.decompose(model, input);
    const without = study.remove(graph, "relu#1");
    assert.equal(
      without.nodes.map(({ id }) => id),
      ["conv2d#1", "conv2d#2", "add#1", "relu#2"],
    );
    const back = study.insertAfter(without, "conv2d#1", reluParticle);
    assert.ok(study.verify(model, back, input).equal);
    model.dispose();
  });

  test("transplants a filter from another model", () => {
    manualSeed(7);
    const model = new Residual();
    const donor = new Residual();
    const input = rand([1, 8, 6, 6]);
    const graph = study.decompose(model, input);
    let changed = graph;
    for (let index = 0; index < 8; index++) {
      for (const id of ["conv2d#1", "conv2d#2"]) {
        changed = study.transplant(changed, id, index, { graph: study.decompose(donor, input), id, index });
      }
    }
    assert.ok(study.verify(donor, changed, input).equal);
    assert.ok(study.verify(model, graph, input).equal);
    model.dispose();
    donor.dispose();
  });

  test("says what cannot be done", () => {
    const model = new Residual();
    const graph = study.decompose(model, rand([1, 8, 6, 6]));
    assert.throws(
      () => study.replace(graph, "tanh#1", reluParticle),
      (error: unknown) =>
        error instanceof GraphError &&
        error.message === 'graph: no particle is named "tanh#1"; there are conv2d#1, relu#1, conv2d#2, add#1, relu#2',
    );
    assert.throws(
      () => study.removeKernel(graph, "conv2d#1", 8),
      (error: unknown) =>
        error instanceof GraphError && error.message === "graph: conv2d#1 has 8 kernels, 0 to 7, and none numbered 8",
    );
    model.dispose();
  });
});
