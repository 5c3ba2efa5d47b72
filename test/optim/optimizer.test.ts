import * as assert from "uvu/assert";
import type { Tensor } from "../../src/core/tensor.ts";
import {
  DisposedError,
  GraphError,
  memory,
  optim,
  QuarkError,
  ShapeError,
  StateDictError,
  scope,
  tensor,
} from "../../src/index.ts";
import { gradients, optimizers, start } from "../golden/optim.ts";
import { bits, bound } from "../helpers/compare.ts";
import { failingAt } from "../helpers/failingAt.ts";
import { suite } from "../helpers/suite.ts";

function fails(body: () => unknown, kind: abstract new (...args: never) => Error, message: string): void {
  assert.throws(body, (error: unknown) => {
    assert.instance(error, kind);
    assert.is((error as Error).message, message);
    return true;
  });
}

const parameters = () => tensor([...start], { requiresGrad: true });

function run(optimizer: optim.Optimizer<never>, parameter: Tensor, from: number, to: number): void {
  for (let step = from; step < to; step++) {
    parameter.grad = tensor(gradients[step]!);
    optimizer.step();
    optimizer.zeroGrad();
  }
}

const make = (name: "SGD" | "Adam" | "AdamW", params: readonly Tensor[], options: object) =>
  new optim[name](params, options) as unknown as optim.Optimizer<never>;

suite("optimisers against PyTorch", (test) => {
  for (const { name, options, parameters: expected } of optimizers) {
    test(`${name} ${JSON.stringify(options)}`, () => {
      const parameter = parameters();
      const optimizer = make(name, [parameter], options);
      for (let step = 0; step < expected.length; step++) {
        run(optimizer, parameter, step, step + 1);
        const wanted = expected[step]!;
        // A few roundings a step apart: PyTorch's kernels fuse products and sums.
        bound(
          parameter.data,
          wanted,
          wanted.map((value) => 4e-7 * (step + 1) * Math.max(1, Math.abs(value))),
        );
      }
      optimizer.dispose();
    });
  }
});

suite("optimisers", (test) => {
  for (const { name, options } of optimizers) {
    test(`${name} ${JSON.stringify(options)} goes on from a saved state with the same bits`, () => {
      const through = parameters();
      const first = make(name, [through], options);
      run(first, through, 0, 9);
      const before = parameters();
      const second = make(name, [before], options);
      run(second, before, 0, 4);
      const after = tensor(before.data.slice(), { requiresGrad: true });
      const third = make(name, [after], {});
      third.loadStateDict(second.stateDict() as never);
      run(third, after, 4, 9);
      bits(after, through);
      for (const optimizer of [first, second, third]) optimizer.dispose();
    });
  }

  test("state survives scopes, and the second step takes no memory", () => {
    const parameter = parameters();
    const optimizer = new optim.Adam([parameter]);
    scope(() => run(optimizer as never, parameter, 0, 1));
    const { liveBlocks } = memory();
    scope(() => run(optimizer as never, parameter, 1, 2));
    assert.is(memory().liveBlocks, liveBlocks);
    optimizer.dispose();
  });

  test("updates in place, raises the version and keeps the block", () => {
    const parameter = parameters();
    const { ptr, version } = parameter.storage;
    const optimizer = new optim.SGD([parameter], { lr: 1 });
    run(optimizer as never, parameter, 0, 1);
    assert.is(parameter.storage.ptr, ptr);
    assert.is(parameter.storage.version, version + 1);
    bits(
      parameter,
      start.map((value, index) => value - gradients[0]![index]!),
    );
  });

  test("skips parameters without a gradient", () => {
    const [a, b] = [parameters(), parameters()];
    const optimizer = new optim.Adam([a, b], { weightDecay: 0.5 });
    run(optimizer as never, a, 0, 1);
    bits(b, [...start]);
    optimizer.dispose();
  });

  test("groups have options of their own", () => {
    const [a, b] = [parameters(), parameters()];
    const optimizer = new optim.SGD([{ params: [a] }, { params: [b], lr: 0.5 }], { lr: 0.25 });
    a.grad = tensor(gradients[0]!);
    b.grad = tensor(gradients[0]!);
    optimizer.step();
    bits(
      a,
      start.map((value, index) => value - 0.25 * gradients[0]![index]!),
    );
    bits(
      b,
      start.map((value, index) => value - 0.5 * gradients[0]![index]!),
    );
    assert.equal(
      optimizer.paramGroups.map(({ lr }) => lr),
      [0.25, 0.5],
    );
  });

  test("descends", () => {
    const x = tensor([3, -2], { requiresGrad: true });
    const optimizer = new optim.SGD([x], { lr: 0.25 });
    for (let step = 0; step < 30; step++) {
      scope(() => {
        optimizer.zeroGrad();
        x.grad = tensor(x.data.map((value) => 2 * value));
        optimizer.step();
      });
    }
    bound(x, [0, 0], 1e-6);
  });

  test("a step that cannot be made whole changes nothing", () => {
    const [a, b] = [parameters(), parameters()];
    const optimizer = new optim.Adam([a, b]);
    a.grad = tensor(gradients[0]!);
    b.grad = tensor([1, 2]);
    const { liveBlocks } = memory();
    fails(
      () => optimizer.step(),
      ShapeError,
      'Adam: the gradient of "tensor" is float32 [2] but the parameter [7]; set grad to a float32 tensor of that shape',
    );
    assert.is(memory().liveBlocks, liveBlocks);
    bits(a, [...start]);
    b.grad = tensor(gradients[0]!);
    optimizer.step();
    bits(a, b);
    optimizer.dispose();
  });

  test("a step that finds no memory changes nothing, and can be made again", () => {
    for (const [name, options] of [
      ["SGD", { momentum: 0.5 }],
      ["Adam", { amsgrad: true }],
    ] as const) {
      const all = [parameters(), parameters()];
      const wanted = parameters();
      for (const one of [...all, wanted]) one.grad = tensor(gradients[0]!);
      const reference = make(name, [wanted], options);
      reference.step();
      const optimizer = make(name, all, options);
      const { liveBlocks } = memory();
      let refused = 0;
      while (failingAt(refused + 1, () => optimizer.step())) {
        assert.is(memory().liveBlocks, liveBlocks);
        for (const one of all) bits(one, [...start]);
        refused++;
      }
      assert.is(refused, name === "SGD" ? 2 : 6);
      for (const one of all) bits(one, wanted);
      for (const each of [optimizer, reference]) each.dispose();
    }
  });

  test("a disposed parameter is an error before anything changes", () => {
    const [a, b] = [parameters(), parameters()];
    const optimizer = new optim.SGD([a, b], { momentum: 0.5 });
    a.grad = tensor(gradients[0]!);
    b.dispose();
    b.grad = tensor(gradients[0]!);
    assert.throws(
      () => optimizer.step(),
      (error: unknown) => error instanceof DisposedError,
    );
    bits(a, [...start]);
  });

  test("refuse what is not theirs to optimise", () => {
    fails(() => new optim.SGD([]), QuarkError, "SGD: there are no parameters to optimise");
    fails(
      () => new optim.SGD([tensor([1])]),
      GraphError,
      'SGD: "tensor" [1] is no leaf that requires a gradient; set requiresGrad, or detach() it first',
    );
    const x = parameters();
    fails(() => new optim.Adam([x, x]), QuarkError, 'Adam: "tensor" is in two groups, or twice in one');
  });

  test("refuse options that make no sense", () => {
    const x = parameters();
    fails(() => new optim.SGD([x], { lr: -1 }), QuarkError, "SGD: lr -1 must be at least 0");
    fails(
      () => new optim.SGD([x], { nesterov: true }),
      QuarkError,
      "SGD: nesterov needs a momentum and no dampening (momentum 0, dampening 0)",
    );
    fails(() => new optim.AdamW([x], { lr: Number.NaN }), QuarkError, "AdamW: lr NaN must be at least 0");
    fails(
      () => new optim.Adam([x], { betas: [0.9, 1] }),
      QuarkError,
      "Adam: beta 1 must be at least 0 and less than 1",
    );
  });

  test("a state of other groups or shapes is refused whole", () => {
    const [a, b] = [parameters(), tensor([1, 2], { requiresGrad: true })];
    const saved = new optim.Adam([a]);
    run(saved as never, a, 0, 1);
    fails(
      () => new optim.Adam([b]).loadStateDict(saved.stateDict()),
      StateDictError,
      "loadStateDict: expAvg of parameter 0 is [7] there but the parameter [2]; expAvgSq of parameter 0 is [7] there but the parameter [2]; nothing was changed",
    );
    fails(
      () => new optim.Adam([{ params: [b] }, { params: [a] }]).loadStateDict(saved.stateDict()),
      StateDictError,
      "loadStateDict: groups of [1] parameters there but [1, 1] here; expAvg of parameter 0 is [7] there but the parameter [2]; expAvgSq of parameter 0 is [7] there but the parameter [2]; nothing was changed",
    );
    saved.dispose();
  });
});
