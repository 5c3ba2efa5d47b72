/** Modules of a user's own are named like ours, wherever names appear. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { add, manualSeed, mul, nn, rand, relu, sigmoid, study, type Tensor, tensor } from "../../src/index.ts";
import { loadGraph, saveGraph } from "../../src/node.ts";
import { suite } from "../helpers/suite.ts";

/** A layer of two ops and a parameter of its own. */
class Swish extends nn.Module {
  readonly slope = new nn.Parameter(tensor([1.5]));

  forward(input: Tensor): Tensor {
    return mul(input, sigmoid(mul(input, this.slope)));
  }
}

/** A branch and a shared relu; one relu and the sum are the block's own. */
class Block extends nn.Module {
  readonly conv: nn.Conv2d;
  readonly shortcut: nn.Conv2d;
  readonly act: nn.Module;

  constructor(channels: number, act: nn.Module) {
    super();
    this.conv = new nn.Conv2d(channels, channels, 3, { padding: 1 });
    this.shortcut = new nn.Conv2d(channels, channels, 1);
    this.act = act;
  }

  forward(input: Tensor): Tensor {
    const branch = this.act.forward(this.conv.forward(input));
    return relu(add(branch, this.shortcut.forward(input)));
  }
}

class Net extends nn.Module {
  readonly act = new nn.ReLU();
  readonly blocks = [new Block(4, this.act), new Block(4, this.act)];
  readonly swish = new Swish();

  forward(input: Tensor): Tensor {
    let value = input;
    for (const block of this.blocks) value = block.forward(value);
    return this.swish.forward(value);
  }
}

const ofBlock = (index: number) => [
  ["conv2d", `blocks.${index}.conv`],
  ["relu", "act"],
  ["conv2d", `blocks.${index}.shortcut`],
  ["add", `blocks.${index}`],
  ["relu", `blocks.${index}`],
];

function using(body: (model: Net, input: Tensor) => void): void {
  manualSeed(0);
  const model = new Net();
  try {
    body(model, rand([2, 4, 6, 6]));
  } finally {
    model.dispose();
  }
}

suite("a user's module", (test) => {
  for (const granularity of ["layer", "op", "kernel"] as const) {
    test(`has its names at ${granularity} granularity, before and after a round trip through files`, () =>
      using((model, input) => {
        const graph = study.decompose(model, input, { granularity });
        const folder = mkdtempSync(join(tmpdir(), "own-modules-"));
        try {
          saveGraph(graph, folder);
          for (const one of [graph, loadGraph(folder)]) {
            const named = one.nodes.map(({ particle, module }) => [particle.name, module]);
            if (granularity !== "kernel") {
              const swish = [
                ["mul", "swish"],
                ["sigmoid", "swish"],
                ["mul", "swish"],
              ];
              assert.equal(named, [...ofBlock(0), ...ofBlock(1), ...swish]);
            }
            const filters = one.nodes.filter(({ id }) => id.includes("/filter"));
            assert.is(filters.length, granularity === "kernel" ? 16 : 0);
            for (const { id, module } of filters) assert.match(module, /^blocks\.[01]\.(conv|shortcut)$/, id);
            assert.ok(study.verify(model, one, rand([3, 4, 6, 6])).equal);
          }
        } finally {
          rmSync(folder, { recursive: true });
        }
      }));
  }

  test("is one card where no other module runs within it", () =>
    using((model, input) => {
      const { cards } = study.costs(study.decompose(model, input, { granularity: "layer" }));
      const block = (index: number) => {
        const [relus, sums] = [3 * index + 2, index + 1];
        return [
          `blocks.${index}.conv#1`,
          `act#${index + 1}`,
          `blocks.${index}.shortcut#1`,
          `add#${sums}`,
          `relu#${relus}`,
        ];
      };
      assert.equal(cards.map(({ id, particle }) => [id, particle]).at(-1), ["swish#1", "mul+sigmoid+mul"]);
      assert.equal(
        cards.slice(0, -1).map(({ id }) => id.replace(/^relu#\d$/, "relu")),
        [...block(0), ...block(1)].map((id) => id.replace(/^relu#\d$/, "relu")),
      );
      assert.is(cards.at(-1)!.parameters, 1);
    }));

  test("stands in summaries and profiles by its path", () =>
    using((model, input) => {
      assert.match(study.summary(model, input.shape), /^swish \(mul\+sigmoid\+mul\) +\[2, 4, 6, 6\] +1 /m);
      const { trace } = study.profile(() => model.forward(input).dispose(), { model });
      const modules = trace.traceEvents.filter(({ cat }) => cat === "module").map(({ name }) => name);
      const names = [0, 1].flatMap((index) => [
        `blocks.${index}`,
        `blocks.${index}.conv`,
        "act",
        `blocks.${index}.shortcut`,
      ]);
      assert.equal(modules, ["Net", ...names, "swish"]);
    }));

  test("is seen with a forward that is a field, and once with that of its base class", () => {
    class Field extends nn.Module {
      override forward: (input: Tensor) => Tensor = (input) => relu(input);
    }
    class Doubled extends Swish {
      override forward(input: Tensor): Tensor {
        return super.forward(super.forward(input));
      }
    }
    const model = new nn.Sequential(new Field() as nn.Module, new Doubled());
    const graph = study.decompose(model, rand([3]), { granularity: "layer" });
    assert.equal(
      graph.nodes.map(({ layer }) => layer),
      ["0#1", ...new Array(6).fill("1#1")],
    );
    model.dispose();
  });

  test("is pruned where its parameters stand in lists and Maps", () => {
    class Listed extends nn.Module {
      readonly stages = new Map([["first", new nn.Conv2d(1, 4, 3)]]);
      readonly rest = { last: [new nn.Conv2d(4, 2, 1)] };

      forward(input: Tensor): Tensor {
        return this.rest.last[0]!.forward(relu(this.stages.get("first")!.forward(input)));
      }
    }
    const model = new Listed();
    const input = rand([1, 1, 5, 5]);
    const { changed } = study.prune(model, { "stages.first": [0, 2] }, input);
    assert.equal(
      changed.map(({ name, after }) => [name, after.join()]),
      [
        ["stages.first.weight", "2,1,3,3"],
        ["stages.first.bias", "2"],
        ["rest.last.0.weight", "2,2,1,1"],
      ],
    );
    assert.equal(model.forward(input).shape, [1, 2, 3, 3]);
    model.dispose();
  });
});
