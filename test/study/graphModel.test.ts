import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import {
  crossEntropy,
  manualSeed,
  nn,
  optim,
  rand,
  relu,
  study,
  type Tensor,
  tensor,
  weightsSha256,
} from "../../src/index.ts";
import { loadModel, saveGraph, saveModel } from "../../src/node.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

/** A branch, a shared module and a constant. */
class Branched extends nn.Module {
  readonly first = new nn.Linear(4, 6);
  readonly same = new nn.Linear(6, 6);
  readonly last = new nn.Linear(6, 3);
  readonly shift = tensor([0.5, 0, 0, 0, 0, -0.5]).keep();

  forward(input: Tensor): Tensor {
    const start = relu(this.first.forward(input));
    const once = this.same.forward(start).add(this.shift);
    return this.last.forward(relu(this.same.forward(once)).add(start));
  }
}

suite("a model that is a graph", (test) => {
  test("runs, trains, saves and comes apart without its class", () => {
    const folder = mkdtempSync(join(tmpdir(), "quarkgrad-model-"));
    try {
      manualSeed(1);
      const own = new Branched();
      saveGraph(study.decompose(own, rand([1, 4])), join(folder, "graph"));
      const model = loadModel(join(folder, "graph"));
      const input = rand([5, 4]);
      bits(model.forward(input) as Tensor, own.forward(input));
      assert.equal(
        [...model.namedParameters()].map(([name]) => name),
        [...own.namedParameters()].map(([name]) => name),
      );
      assert.equal(
        [...model.namedBuffers()].map(([name]) => name),
        ["constant#1"],
      );

      const labels = tensor([0, 1, 2, 1, 0], { dtype: "int32" });
      const hashes = [own, model].map((one) => {
        const optimizer = new optim.Adam(one.parameters(), { lr: 0.01 });
        for (let step = 0; step < 5; step++) {
          optimizer.zeroGrad();
          crossEntropy(one.forward(input) as Tensor, labels).backward();
          optimizer.step();
        }
        one.zeroGrad();
        optimizer.dispose();
        return weightsSha256({ stateDict: () => Object.fromEntries(one.namedParameters()) });
      });
      assert.is(hashes[0], hashes[1]);

      const graph = study.decompose(model, input);
      assert.equal(
        graph.nodes.map(({ id, module }) => [id, module]),
        study.decompose(own, input).nodes.map(({ id, module }) => [id, module]),
      );
      saveModel(model, join(folder, "model.safetensors"));
      assert.is(loadModel(model, join(folder, "model.safetensors")), model);
      for (const one of [own, model]) one.dispose();
      own.shift.dispose();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
