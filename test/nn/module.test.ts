import * as assert from "uvu/assert";
import type { Tensor } from "../../src/core/tensor.ts";
import { memory, nn, QuarkError, rand, relu, StateDictError, tensor, zeros } from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

class Block extends nn.Module {
  readonly first = new nn.Linear(2, 3);
  readonly second = new nn.Linear(3, 2, { bias: false });
  readonly scale = new nn.Parameter(tensor([2]));
  readonly counted = new nn.Buffer(tensor([5]));

  forward(x: Tensor): Tensor {
    return this.second.forward(relu(this.first.forward(x)));
  }
}

class Model extends nn.Module {
  readonly blocks = [new Block(), new Block()];
  readonly head = new nn.Sequential(new nn.Flatten(), relu, new nn.Linear(2, 1));
  readonly shared = this.blocks[0]!;

  forward(x: Tensor): Tensor {
    return this.head.forward(this.blocks.reduce((value, block) => block.forward(value), x));
  }
}

function using(body: (model: Model) => void): void {
  const model = new Model();
  try {
    body(model);
  } finally {
    model.dispose();
  }
}

const block = (name: string) =>
  ["scale", "counted", "first.weight", "first.bias", "second.weight"].map((field) => `${name}.${field}`);

suite("Module", (test) => {
  test("finds parameters by the names of its fields, each object once", () =>
    using((model) => {
      const names = [...model.namedParameters()].map(([name]) => name);
      const own = (name: string) => block(name).filter((field) => !field.endsWith("counted"));
      assert.equal(names, [...own("blocks.0"), ...own("blocks.1"), "head.2.weight", "head.2.bias"]);
      assert.equal([...model.parameters()].length, names.length);
      assert.equal(
        [...model.namedBuffers()].map(([name]) => name),
        ["blocks.0.counted", "blocks.1.counted"],
      );
    }));

  test("names every place in its state, also the second of a shared module", () =>
    using((model) => {
      const names = Object.keys(model.stateDict());
      assert.equal(names, [
        ...block("blocks.0"),
        ...block("blocks.1"),
        "head.2.weight",
        "head.2.bias",
        ...block("shared"),
      ]);
      assert.is(model.stateDict()["shared.scale"], model.stateDict()["blocks.0.scale"]);
    }));

  test("lists modules, the outer ones first", () =>
    using((model) => {
      const names = [...model.namedModules()].map(([name]) => name);
      assert.equal(names, [
        "",
        "blocks.0",
        "blocks.0.first",
        "blocks.0.second",
        "blocks.1",
        "blocks.1.first",
        "blocks.1.second",
        "head",
        "head.0",
        "head.2",
      ]);
    }));

  test("labels parameters by their full names", () =>
    using((model) => {
      [...model.parameters()];
      assert.is(model.blocks[1]!.first.weight.label, "blocks.1.first.weight");
      [...model.blocks[1]!.parameters()];
      assert.is(model.blocks[1]!.first.weight.label, "blocks.1.first.weight");
    }));

  test("train and eval reach all modules", () =>
    using((model) => {
      assert.is(model.eval(), model);
      assert.ok([...model.modules()].every(({ training }) => !training));
      model.train();
      assert.ok([...model.modules()].every(({ training }) => training));
    }));

  test("apply visits children before their parent", () =>
    using((model) => {
      const visited: string[] = [];
      model.head.apply((module) => visited.push(module.constructor.name));
      assert.equal(visited, ["Flatten", "Linear", "Sequential"]);
    }));

  test("gradients arrive in parameters, and zeroGrad drops them", () =>
    using((model) => {
      model.head.forward(zeros([4, 2])).backward(zeros([4, 1]));
      const { weight } = model.head.layers[2] as nn.Linear;
      assert.equal(weight.grad?.shape, [1, 2]);
      model.zeroGrad();
      assert.is(weight.grad, undefined);
    }));

  test("dispose gives all memory back", () => {
    const before = memory().liveBlocks;
    new nn.Sequential(new nn.Linear(2, 3), new nn.Conv2d(1, 2, 3)).dispose();
    assert.is(memory().liveBlocks, before);
  });

  test("prints as a tree", () =>
    using((model) =>
      assert.is(model.head.toString(), "Sequential(\n  (0): Flatten()\n  (2): Linear(inFeatures=2, outFeatures=1)\n)"),
    ));
});

/** Parameters as PyTorch's ParameterList and ParameterDict hold them, and modules in a Map. */
class Collections extends nn.Module {
  readonly list = [new nn.Parameter(tensor([1])), new nn.Parameter(tensor([2]))];
  readonly dict = { a: new nn.Parameter(tensor([3])), deep: [{ b: new nn.Buffer(tensor([4])) }] };
  readonly map = new Map<string, nn.Module | nn.Parameter>([
    ["layer", new nn.Linear(1, 1)],
    ["scale", new nn.Parameter(tensor([5]))],
  ]);

  forward(x: Tensor): Tensor {
    return x;
  }
}

suite("collections in fields", (test) => {
  test("have their parameters trained, saved and named as PyTorch's lists and dicts", () => {
    const model = new Collections();
    const names = ["list.0", "list.1", "dict.a", "map.scale", "map.layer.weight", "map.layer.bias"];
    assert.equal(
      [...model.namedParameters()].map(([name]) => name),
      names,
    );
    assert.equal(
      [...model.namedBuffers()].map(([name]) => name),
      ["dict.deep.0.b"],
    );
    assert.equal(Object.keys(model.stateDict()).sort(), [...names, "dict.deep.0.b"].sort());
    assert.is(model.list[1]!.label, "list.1");
    const other = new Collections();
    for (const parameter of other.parameters()) nn.init.constant(parameter, 9);
    model.loadStateDict(other.stateDict());
    assert.equal(model.list[1]!.toArray(), [9]);
    for (const parameter of model.parameters()) parameter.grad = zeros(parameter.shape);
    model.zeroGrad();
    assert.ok([...model.parameters()].every(({ grad }) => grad === undefined));
    model.dispose();
    other.dispose();
  });

  test("may hold themselves, and children may point to their parents and to each other", () => {
    class Child extends nn.Module {
      parent: nn.Module | undefined;
      sibling: nn.Module | undefined;
      readonly scale = new nn.Parameter(tensor([1]));

      forward(x: Tensor): Tensor {
        return x;
      }
    }
    class Parent extends nn.Module {
      readonly children = [new Child(), new Child()];
      readonly notes: Record<string, unknown> = {};

      forward(x: Tensor): Tensor {
        return x;
      }
    }
    const model = new Parent();
    model.notes.self = model.notes;
    model.notes.model = model;
    const [first, second] = model.children as [Child, Child];
    first.parent = model;
    second.parent = model;
    first.sibling = second;
    second.sibling = first;
    assert.equal(
      [...model.namedParameters()].map(([name]) => name),
      ["children.0.scale", "children.0.sibling.scale"],
    );
    assert.equal(Object.keys(model.stateDict()), [
      "children.0.scale",
      "children.0.sibling.scale",
      "children.1.scale",
      "children.1.sibling.scale",
    ]);
    assert.is(model.eval().training, false);
    assert.is(second.training, false);
    const visited: nn.Module[] = [];
    model.apply((module) => visited.push(module));
    assert.equal(visited.length, 5);
    assert.is(
      String(model),
      "Parent(\n  (children.0): Child(\n    (sibling): Child()\n  )\n  (children.1): Child(\n    (sibling): Child()\n  )\n)",
    );
    model.dispose();
  });

  test("Sequential keeps the names of its places beside fields of a subclass", () => {
    class Scaled extends nn.Sequential {
      readonly scale = new nn.Parameter(tensor([2]));
    }
    const model = new Scaled(new nn.Linear(1, 1), relu);
    assert.equal(
      [...model.namedParameters()].map(([name]) => name),
      ["scale", "0.weight", "0.bias"],
    );
    model.dispose();
  });
});

suite("stateDict", (test) => {
  test("moves from one model to another, and raises versions", () =>
    using((a) =>
      using((b) => {
        const { version } = b.blocks[0]!.scale.storage;
        b.loadStateDict(a.stateDict());
        for (const [name, value] of Object.entries(a.stateDict())) bits(b.stateDict()[name]!, value);
        assert.ok(b.blocks[0]!.scale.storage.version > version);
        const x = rand([3, 2]);
        bits(a.forward(x), b.forward(x));
      }),
    ));

  test("lists all that does not fit, and changes nothing", () =>
    using((model) => {
      const head = model.head;
      const before = Object.values(head.stateDict()).map(({ data }) => data.slice());
      const state = { "2.weight": zeros([1, 3]), "2.bia": zeros([1]), "3.bias": zeros([1]) };
      assert.throws(
        () => head.loadStateDict(state),
        (error: unknown) => {
          assert.instance(error, StateDictError);
          assert.is(
            (error as Error).message,
            "loadStateDict: missing 2.bias; 2.weight is [1, 2] here but [1, 3] there; unexpected 2.bia, 3.bias; nothing was changed",
          );
          return true;
        },
      );
      for (const [index, value] of Object.values(head.stateDict()).entries()) bits(value, before[index]!);
    }));

  test("not strict, it loads what has both names and a shape", () =>
    using((model) => {
      const { head } = model;
      const result = head.loadStateDict({ "2.bias": tensor([7]), other: zeros([1]) }, { strict: false });
      assert.equal(result, { missingKeys: ["2.weight"], unexpectedKeys: ["other"] });
      bits((head.layers[2] as nn.Linear).bias!, [7]);
      assert.throws(
        () => head.loadStateDict({ "2.bias": zeros([2]) }, { strict: false }),
        (error: unknown) =>
          error instanceof StateDictError &&
          error.message ===
            "loadStateDict: 2.bias is [1] here but [2] there; nothing was changed (strict: false allows only missing and unexpected names)",
      );
    }));
});

suite("containers", (test) => {
  test("Sequential takes modules and functions", () => {
    const model = new nn.Sequential(new nn.Identity(), relu, (x) => x.reshape([2]));
    bits(model.forward(tensor([[-1], [2]])), { shape: [2], data: [0, 2] });
  });

  test("Sequential refuses a list", () => {
    assert.throws(
      () => new nn.Sequential([relu] as never),
      (error: unknown) =>
        error instanceof QuarkError &&
        error.message === "Sequential: entry 0 is object; give modules or functions, without an array around them",
    );
  });

  test("Flatten keeps the batch", () => {
    assert.equal(new nn.Flatten().forward(zeros([4, 2, 3, 3])).shape, [4, 18]);
    assert.equal(new nn.Flatten(0, 1).forward(zeros([4, 2, 3])).shape, [8, 3]);
  });
});

suite("gradient clipping", (test) => {
  const withGrad = (values: readonly number[]) => {
    const x = zeros([values.length], { requiresGrad: true });
    x.grad = tensor([...values]);
    return x;
  };

  test("by norm scales all gradients by one factor", () => {
    const [a, b, none] = [withGrad([3, 0]), withGrad([0, 4, 0]), zeros([1], { requiresGrad: true })];
    assert.is(nn.clipGradNorm([a, b, none], 1), 5);
    const factor = Math.fround(1 / (5 + 1e-6));
    bits(a.grad!, [3 * factor, 0]);
    bits(b.grad!, [0, 4 * factor, 0]);
  });

  test("by norm leaves small gradients as they are", () => {
    const a = withGrad([3, 4]);
    assert.is(nn.clipGradNorm([a], 6), 5);
    bits(a.grad!, [3, 4]);
  });

  test("knows the sum of magnitudes and the largest", () => {
    assert.is(nn.clipGradNorm([withGrad([3, -4]), withGrad([1])], 100, { normType: 1 }), 8);
    assert.is(nn.clipGradNorm([withGrad([3, -4]), withGrad([1])], 100, { normType: Number.POSITIVE_INFINITY }), 4);
  });

  test("covers sizes around the blocks", () => {
    for (const size of [1, 3, 4, 5, 4095, 4096, 4097, 9000]) {
      assert.is(nn.clipGradNorm([withGrad(Array(size).fill(2))], 1e9), Math.sqrt(4 * size));
      assert.is(nn.clipGradNorm([withGrad(Array(size).fill(-2))], 1e9, { normType: 1 }), 2 * size);
      const ramp = Array.from({ length: size }, (_, k) => k);
      assert.is(nn.clipGradNorm([withGrad(ramp)], 1e9, { normType: Number.POSITIVE_INFINITY }), size - 1);
    }
  });

  test("NaN spreads, or is an error before anything changes", () => {
    const a = withGrad([1, Number.NaN]);
    for (const normType of [1, 2, Number.POSITIVE_INFINITY] as const) {
      assert.throws(
        () => nn.clipGradNorm([a], 1, { normType, errorIfNonfinite: true }),
        (error: unknown) =>
          error instanceof QuarkError &&
          error.message === "clipGradNorm: the norm of the gradients is NaN; look for the first NaN or infinity",
      );
    }
    bits(a.grad!, [1, Number.NaN]);
    assert.ok(Number.isNaN(nn.clipGradNorm([a], 1)));
    bits(a.grad!, [Number.NaN, Number.NaN]);
  });

  test("by value limits each element", () => {
    const a = withGrad([-3, -0.5, 0, 2, Number.NaN]);
    nn.clipGradValue([a], 1);
    bits(a.grad!, [-1, -0.5, 0, 1, Number.NaN]);
  });

  test("refuses norms and limits that make no sense", () => {
    assert.throws(
      () => nn.clipGradNorm([], 1, { normType: 3 as never }),
      (error: unknown) =>
        error instanceof QuarkError && error.message === "clipGradNorm: normType must be 1, 2 or Infinity, got 3",
    );
    assert.throws(
      () => nn.clipGradValue([], -1),
      (error: unknown) => error instanceof QuarkError && error.message === "clipGradValue: limit -1 must be at least 0",
    );
  });
});
