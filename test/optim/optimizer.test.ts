import * as assert from "uvu/assert";
import type { Tensor } from "../../src/core/tensor.ts";
import {
  DisposedError,
  GraphError,
  memory,
  nn,
  OptionError,
  optim,
  QuarkError,
  ShapeError,
  StateDictError,
  scope,
  tensor,
} from "../../src/index.ts";
import { averages, gradientOf, gradients, matrices, optimizers, start } from "../golden/optim.ts";
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

type Name = (typeof optimizers)[number]["name"];

const make = (name: Name | "Muon", params: readonly Tensor[], options: object) =>
  new optim[name](params, options) as unknown as optim.Optimizer<never>;

/** A few roundings a step apart from float64: Muon's iteration multiplies them. */
function near(parameter: Tensor, wanted: readonly number[], steps: number, rounding = 4e-7): void {
  bound(
    parameter.data,
    wanted,
    wanted.map((value) => rounding * (steps + 1) * Math.max(1, Math.abs(value))),
  );
}

suite("optimisers against PyTorch, 100 steps", (test) => {
  for (const { name, options, parameters: expected } of optimizers) {
    test(`${name} ${JSON.stringify(options)}`, () => {
      const parameter = parameters();
      const optimizer = make(name, [parameter], options);
      for (let step = 0; step < gradients.length; step++) {
        run(optimizer, parameter, step, step + 1);
        const wanted = expected[step + 1];
        if (wanted) near(parameter, wanted, step + 1);
      }
      optimizer.dispose();
    });
  }

  for (const { name, shape, options, parameters: expected } of matrices) {
    test(`${name} ${shape.join(" × ")} ${JSON.stringify(options)}`, () => {
      const size = shape[0] * shape[1];
      const grad = (step: number) => tensor(gradientOf(step, size)).reshape(shape);
      const parameter = tensor(Array.from({ length: size }, (_, k) => (((k * 3) % 7) - 3) / 4)).reshape(shape);
      parameter.requiresGrad = true;
      const optimizer = make(name, [parameter], options);
      for (let step = 0; step < gradients.length; step++) {
        parameter.grad = grad(step);
        optimizer.step();
        optimizer.zeroGrad();
        const wanted = expected[step + 1];
        if (wanted) near(parameter, wanted, step + 1, 1e-6);
      }
      optimizer.dispose();
    });
  }

  for (const { decay, weights } of averages) {
    test(`EMA ${decay}`, () => {
      const weight = tensor([0, 0, 0], { requiresGrad: true });
      const model = { stateDict: () => ({ weight }) };
      const ema = new optim.EMA(model, { decay });
      for (const [step, wanted] of weights.entries()) {
        weight.data.set(gradientOf(step, 3));
        ema.update();
        bound(ema.stateDict().weight!, wanted, 1e-6);
      }
      ema.swap();
      bound(weight, weights.at(-1)!, 1e-6);
      ema.swap();
      bits(weight, gradientOf(weights.length - 1, 3));
      ema.dispose();
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
      ["NAdam", {}],
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
      assert.is(refused, { SGD: 2, Adam: 6, NAdam: 4 }[name]);
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
    fails(() => new optim.SGD([x], { lr: -1 }), OptionError, "SGD: lr must be a number of at least 0, got -1");
    fails(
      () => new optim.SGD([x], { nesterov: true }),
      QuarkError,
      "SGD: nesterov needs a momentum and no dampening (momentum 0, dampening 0)",
    );
    fails(
      () => new optim.AdamW([x], { lr: Number.NaN }),
      OptionError,
      "AdamW: lr must be a number of at least 0, got NaN",
    );
    fails(
      () => new optim.Adam([x], { betas: [0.9, 1] }),
      OptionError,
      "Adam: betas must be two numbers of at least 0 and below 1, got [0.9, 1]",
    );
  });

  test("refuse unknown options by name", () => {
    const x = parameters();
    fails(
      () => new optim.SGD([x], { weight_decay: 0.1 } as object),
      OptionError,
      'SGD: option "weight_decay" is not known; did you mean "weightDecay"?',
    );
    fails(
      () => new optim.Lion([x], { learningRate: 5 } as object),
      OptionError,
      'Lion: option "learningRate" is not known; known are lr, betas, weightDecay, maximize',
    );
    fails(
      () => new optim.RMSprop([{ params: [x], momentun: 0.9 } as never]),
      OptionError,
      'RMSprop: option "momentun" is not known; did you mean "momentum"?',
    );
    fails(
      () => new optim.Muon([x]),
      ShapeError,
      'Muon: "tensor" [7] is no matrix; give biases, filters and the like to another optimiser, such as AdamW',
    );
    fails(() => new optim.Adadelta([x], { rho: 2 }), OptionError, "Adadelta: rho must be a number from 0 to 1, got 2");
  });

  test("refuse what is no list of parameters", () => {
    const model = new nn.Linear(2, 2);
    fails(
      () => new optim.SGD(model as never),
      QuarkError,
      "SGD: parameters are a list, got a Linear; pass its parameters()",
    );
    fails(() => new optim.SGD(3 as never), QuarkError, "SGD: parameters are a list, got 3; pass model.parameters()");
    fails(
      () => new optim.SGD([[1, 2]] as never),
      QuarkError,
      "SGD: parameters are tensors, got [1, 2]; pass model.parameters()",
    );
    model.dispose();
  });

  test("a number is the learning rate", () => {
    assert.is(new optim.SGD([parameters()], 0.5).paramGroups[0]!.lr, 0.5);
  });

  test("leave frozen parameters as they are until they are thawed", () => {
    const [frozen, free] = [tensor([1, 2]), parameters()];
    const optimizer = new optim.Adam([frozen, free]);
    frozen.grad = tensor([1, 1]);
    run(optimizer as never, free, 0, 1);
    bits(frozen, [1, 2]);
    frozen.requiresGrad = true;
    frozen.grad = tensor([1, -1]);
    optimizer.step();
    bound(frozen, [0.999, 2.001], 1e-6);
    optimizer.dispose();
  });

  test("go on where a schedule brought the rate below 0", () => {
    const [x, y] = [parameters(), parameters()];
    const optimizer = new optim.SGD([x], { lr: 0.5 });
    optimizer.paramGroups[0]!.lr = -0.5;
    x.grad = tensor(gradients[0]!);
    optimizer.step();
    bits(
      x,
      start.map((value, index) => value + 0.5 * gradients[0]![index]!),
    );
    new optim.SGD([y]).loadStateDict(optimizer.stateDict());
    optimizer.paramGroups[0]!.lr = Number.NaN;
    fails(() => optimizer.step(), OptionError, "SGD: lr must be a number of at least 0, got NaN");
  });

  test("a state that is not whole is refused", () => {
    const [a, b] = [parameters(), parameters()];
    const first = new optim.Adam([a]);
    run(first as never, a, 0, 1);
    const { state, paramGroups } = first.stateDict();
    const second = new optim.Adam([b]);
    const refused = (own: object, message: string) =>
      fails(
        () => second.loadStateDict({ state: { 0: own }, paramGroups } as never),
        StateDictError,
        `loadStateDict: ${message}; nothing was changed`,
      );
    const { expAvgSq: _, ...rest } = state[0]!;
    refused(rest, "expAvgSq of parameter 0 is missing");
    refused({ ...state[0], step: Number.NaN }, "step of parameter 0 is NaN");
    refused({ ...state[0], expAvg: 3 }, "expAvg of parameter 0 must be a tensor");
    refused(
      { ...state[0], expAvg: { shape: [7], data: [1] } },
      "expAvg of parameter 0 has 1 numbers there but [7] takes 7",
    );
    fails(
      () => second.loadStateDict({ state: { 3: {} }, paramGroups } as never),
      StateDictError,
      "loadStateDict: parameter 3 has a state, but there are 1 here; nothing was changed",
    );
    fails(
      () => second.loadStateDict({ state: {}, paramGroups: [{ ...paramGroups[0]!, eps: -1 }] }),
      StateDictError,
      "loadStateDict: Adam: eps must be a number of at least 0, got -1; nothing was changed",
    );
    fails(
      () => new optim.SGD([b]).loadStateDict(first.stateDict() as never),
      StateDictError,
      'loadStateDict: SGD: option "betas" is not known; known are lr, momentum, dampening, weightDecay, nesterov, maximize; nothing was changed',
    );
    first.dispose();
  });

  test("a state whose tensor was disposed is an error before anything changes", () => {
    const [a, b] = [parameters(), parameters()];
    const optimizer = new optim.Adam([a, b]);
    for (const one of [a, b]) one.grad = tensor(gradients[0]!);
    optimizer.step();
    const before = a.data.slice();
    (optimizer.stateDict().state[1]!.expAvg as Tensor).dispose();
    assert.throws(
      () => optimizer.step(),
      (error: unknown) => error instanceof DisposedError,
    );
    bits(a, before);
    optimizer.dispose();
  });

  test("an average of another model's weights is refused", () => {
    const model = new nn.Linear(2, 1);
    const ema = new optim.EMA(model, 0.5);
    fails(
      () => ema.loadStateDict({ weight: tensor([[1, 2, 3]]), other: tensor([1]) }),
      StateDictError,
      "loadStateDict: unexpected other; weight is [1, 2] here but [1, 3] there; missing bias; nothing was changed",
    );
    fails(() => new optim.EMA(model, 2), OptionError, "EMA: decay must be a number from 0 to 1, got 2");
    ema.dispose();
    model.dispose();
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
