import * as assert from "uvu/assert";
import { cosineOfPi } from "../../src/core/cosineOfPi.ts";
import { optim, QuarkError, tensor } from "../../src/index.ts";
import { metrics, plateaus, type ScheduleName, schedules, sequences, together } from "../golden/optim.ts";
import { bound } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

function fails(body: () => unknown, message: string): void {
  assert.throws(body, (error: unknown) => error instanceof QuarkError && error.message === message);
}

const sgd = () => new optim.SGD([tensor([0], { requiresGrad: true })], { lr: 0.1, momentum: 0.9 });

type Schedules = {
  readonly [Name in ScheduleName]: (optimizer: optim.SGD, options: Record<string, never>) => optim.LRScheduler;
};

/** How each is made: what PyTorch takes by position comes before the options. */
const makers: Schedules = {
  StepLR: (optimizer, { stepSize, ...rest }) => new optim.StepLR(optimizer, stepSize!, rest),
  MultiStepLR: (optimizer, { milestones, ...rest }) => new optim.MultiStepLR(optimizer, milestones!, rest),
  ExponentialLR: (optimizer, { gamma }) => new optim.ExponentialLR(optimizer, gamma!),
  PolynomialLR: (optimizer, options) => new optim.PolynomialLR(optimizer, options),
  CosineAnnealingLR: (optimizer, { tMax, ...rest }) => new optim.CosineAnnealingLR(optimizer, tMax!, rest),
  CosineAnnealingWarmRestarts: (optimizer, { t0, ...rest }) =>
    new optim.CosineAnnealingWarmRestarts(optimizer, t0!, rest),
  LinearLR: (optimizer, options) => new optim.LinearLR(optimizer, options),
  OneCycleLR: (optimizer, { maxLr, ...rest }) => new optim.OneCycleLR(optimizer, maxLr!, rest),
};

const make = (name: ScheduleName, optimizer: optim.SGD, options: Record<string, unknown>) =>
  makers[name](optimizer, options as Record<string, never>);

const twoGroups = () =>
  new optim.SGD(
    [0.1, 0.05].map((lr) => ({ params: [tensor([0], { requiresGrad: true })], lr })),
    { momentum: 0.9 },
  );

/** The rates before the first and after each of 100 steps. */
function ratesOf(optimizer: optim.SGD, ...all: readonly { step(): void }[]): number[] {
  const rates = optimizer.paramGroups.map(({ lr }) => lr);
  for (let step = 0; step < 100; step++) {
    for (const schedule of all) schedule.step();
    rates.push(...optimizer.paramGroups.map(({ lr }) => lr));
  }
  return rates;
}

/** Within some roundings of float64, which products of many rates add up; of the first rate, where a rate comes near 0. */
function near(rates: readonly number[], wanted: readonly number[]): void {
  bound(
    rates,
    wanted,
    wanted.map((rate) => Math.max(1e-13 * Math.abs(rate), 1e-15)),
  );
}

suite("schedules follow PyTorch for 100 steps", (test) => {
  for (const { name, options, lr, momentum } of schedules) {
    test(`${name} ${JSON.stringify(options)}`, () => {
      const optimizer = sgd();
      const schedule = make(name, optimizer, options);
      const momenta = [optimizer.paramGroups[0]!.momentum];
      const watch = { step: () => momenta.push(optimizer.paramGroups[0]!.momentum) };
      near(ratesOf(optimizer, schedule, watch), lr);
      const wanted = momentum.length === 1 ? momenta.map(() => momentum[0]!) : momentum;
      near(momenta, wanted);
      assert.equal(schedule.getLastLr(), [optimizer.paramGroups[0]!.lr]);
    });
  }

  for (const { options, lr } of plateaus) {
    test(`ReduceLROnPlateau ${JSON.stringify(options)}`, () => {
      const optimizer = sgd();
      const schedule = new optim.ReduceLROnPlateau(optimizer, options);
      const rates = metrics.map((metric) => {
        schedule.step(metric);
        return schedule.getLastLr()[0]!;
      });
      near(rates, lr);
    });
  }

  for (const { parts, milestones, lr } of sequences) {
    test(`SequentialLR of ${parts.map(([name]) => name).join(", ")}`, () => {
      const optimizer = twoGroups();
      const all = parts.map(([name, options]) => make(name, optimizer, options));
      near(ratesOf(optimizer, new optim.SequentialLR(optimizer, all, milestones)), lr.flat());
    });
  }

  for (const { parts, lr } of together) {
    test(`${parts.map(([name]) => name).join(" and ")} on one optimiser of two groups`, () => {
      const optimizer = twoGroups();
      const all = parts.map(([name, options]) => make(name, optimizer, options));
      near(ratesOf(optimizer, ...all), lr.flat());
    });
  }

  test("LambdaLR", () => {
    const optimizer = twoGroups();
    const schedule = new optim.LambdaLR(optimizer, [(epoch) => 1 / (1 + epoch), (epoch) => epoch % 3]);
    for (let epoch = 0; epoch < 100; epoch++) {
      assert.equal(schedule.getLastLr(), [0.1 * (1 / (1 + epoch)), 0.05 * (epoch % 3)]);
      schedule.step();
    }
    const both = new optim.LambdaLR(twoGroups(), () => 2);
    assert.equal(both.getLastLr(), [0.2, 0.1]);
  });
});

suite("schedules", (test) => {
  test("warm-up and cosine work on one optimiser", () => {
    const optimizer = sgd();
    const warmUp = new optim.LinearLR(optimizer, { startFactor: 0.5, totalIters: 2 });
    const cosine = new optim.CosineAnnealingLR(optimizer, 10);
    const rates = [optimizer.paramGroups[0]!.lr];
    for (let step = 0; step < 10; step++) {
      warmUp.step();
      cosine.step();
      rates.push(optimizer.paramGroups[0]!.lr);
    }
    assert.is(rates[0], 0.05);
    const expected = (t: number) => 0.05 * (1 + Math.cos((Math.PI * t) / 10)) * Math.min(1, 0.5 + t / 4);
    bound(
      rates,
      Array.from(rates, (_, t) => expected(t)),
      1e-15,
    );
  });

  test("one cycle moves Adam's first beta", () => {
    const optimizer = new optim.Adam([tensor([0], { requiresGrad: true })]);
    new optim.OneCycleLR(optimizer, 0.1, { totalSteps: 10 });
    assert.equal(optimizer.paramGroups[0]!.betas, [0.95, 0.999]);
  });

  test("go on from a saved place", () => {
    const [a, b] = [sgd(), sgd()];
    const first = new optim.StepLR(a, 3);
    for (let step = 0; step < 5; step++) first.step();
    const second = new optim.StepLR(b, 3);
    second.loadStateDict(first.stateDict());
    b.loadStateDict(a.stateDict());
    first.step();
    second.step();
    assert.equal(first.getLastLr(), second.getLastLr());
  });

  test("a group that joins after the schedule is an error", () => {
    const optimizer = sgd();
    const schedule = new optim.StepLR(optimizer, 3);
    optimizer.addParamGroup({ params: [tensor([1], { requiresGrad: true })] });
    fails(
      () => schedule.step(),
      "StepLR: the optimiser has 2 groups, but had 1 when the schedule was made; add groups first",
    );
  });

  test("sequences and restarts go on from a saved place", () => {
    const made = () => {
      const optimizer = sgd();
      const parts = [
        new optim.LinearLR(optimizer, { totalIters: 4 }),
        new optim.CosineAnnealingWarmRestarts(optimizer, 3, { tMult: 2 }),
      ];
      return { optimizer, schedule: new optim.SequentialLR(optimizer, parts, [5]) };
    };
    const [a, b] = [made(), made()];
    for (let step = 0; step < 13; step++) a.schedule.step();
    b.optimizer.loadStateDict(a.optimizer.stateDict());
    b.schedule.loadStateDict(JSON.parse(JSON.stringify(a.schedule.stateDict())));
    for (let step = 0; step < 13; step++) {
      a.schedule.step();
      b.schedule.step();
      assert.equal(b.schedule.getLastLr(), a.schedule.getLastLr());
    }
    fails(
      () => b.schedule.loadStateDict({ lastEpoch: 1 }),
      "SequentialLR: the saved state is not that of 2 schedules; nothing was changed",
    );
    fails(
      () => b.schedule.loadStateDict({ lastEpoch: 1, schedulers: [{ lastEpoch: 1 }, { lastEpoch: 1 }] }),
      "CosineAnnealingWarmRestarts: the saved state has no number tCur; nothing was changed",
    );
    b.schedule.step();
    a.schedule.step();
    assert.equal(b.schedule.getLastLr(), a.schedule.getLastLr());
  });

  test("refuse options that make no sense", () => {
    fails(() => new optim.StepLR(sgd(), 0), "StepLR: stepSize must be a whole number of at least 1, got 0");
    fails(
      () => new optim.StepLR(sgd(), 3, { gama: 1 } as object),
      'StepLR: option "gama" is not known; did you mean "gamma"?',
    );
    fails(
      () => new optim.CosineAnnealingLR(sgd(), 1.5),
      "CosineAnnealingLR: tMax must be a whole number of at least 1, got 1.5",
    );
    fails(
      () => new optim.LinearLR(sgd(), { startFactor: 0 }),
      "LinearLR: startFactor must be a number above 0 and at most 1, got 0",
    );
    fails(() => new optim.LinearLR(sgd(), { endFactor: 2 }), "LinearLR: endFactor must be a number from 0 to 1, got 2");
    fails(() => new optim.MultiStepLR(sgd(), [1, 2.5]), "MultiStepLR: milestones must be whole numbers, got [1, 2.5]");
    fails(() => new optim.ExponentialLR(sgd(), {} as never), "ExponentialLR: gamma must be a number, got an object");
    fails(
      () => new optim.ReduceLROnPlateau(sgd(), { factor: 1 }),
      "ReduceLROnPlateau: factor must be a number below 1, got 1",
    );
    fails(
      () => new optim.ReduceLROnPlateau(sgd(), { minLr: [1, 2] }),
      "ReduceLROnPlateau: 2 least rates for 1 groups; give one for each",
    );
    fails(
      () => new optim.CosineAnnealingWarmRestarts(sgd(), 3, { tMult: 0 }),
      "CosineAnnealingWarmRestarts: tMult must be a whole number of at least 1, got 0",
    );
    fails(
      () => new optim.LambdaLR(sgd(), 3 as never),
      "LambdaLR: lrLambda must be a function or a list of them, got 3",
    );
    fails(
      () => new optim.LambdaLR(twoGroups(), [() => 1]),
      "LambdaLR: 1 functions for 2 groups; give one for each, or one for all",
    );
    const [one, other] = [sgd(), sgd()];
    const step = new optim.StepLR(one, 3);
    fails(() => new optim.SequentialLR(one, [], []), "SequentialLR: there are no schedules");
    fails(() => new optim.SequentialLR(one, [step], [3]), "SequentialLR: 1 schedules need 0 milestones, got 1");
    fails(
      () => new optim.SequentialLR(one, [step, step, step], [3, 2]),
      "SequentialLR: milestones must be rising whole numbers from 1 on, got [3, 2]",
    );
    fails(() => new optim.SequentialLR(other, [step], []), "SequentialLR: schedule 0 was made for another optimiser");
    fails(
      () => new optim.SequentialLR(one, [new optim.ReduceLROnPlateau(one) as never], []),
      "SequentialLR: schedule 0 is a ReduceLROnPlateau; it takes those that step without a metric, and no sequence",
    );
    fails(() => new optim.OneCycleLR(sgd(), 1, {}), "OneCycleLR: give totalSteps, or both epochs and stepsPerEpoch");
    fails(
      () => new optim.OneCycleLR(sgd(), 1, { totalSteps: 5, pctStart: 2 }),
      "OneCycleLR: pctStart must be a number from 0 to 1, got 2",
    );
    fails(
      () => new optim.OneCycleLR(new optim.SGD([tensor([0], { requiresGrad: true })]), 1, { totalSteps: 5 }),
      "OneCycleLR: cycleMomentum needs an optimiser with momentum or betas; set cycleMomentum: false",
    );
    const cycle = new optim.OneCycleLR(sgd(), 1, { totalSteps: 1 });
    cycle.step();
    fails(() => cycle.step(), "OneCycleLR: step 2 is beyond the 1 steps of the cycle; make a new one");
  });
});

suite("cosineOfPi", (test) => {
  test("agrees with Math.cos", () => {
    const places = Array.from({ length: 4001 }, (_, k) => (k - 2000) / 500);
    bound(
      places.map(cosineOfPi),
      places.map((x) => Math.cos(Math.PI * x)),
      1.5e-15,
    );
  });

  test("is exact at the quarters of a turn", () => {
    assert.equal([0, 0.5, 1, 1.5, 2, -1].map(cosineOfPi).map(Math.abs), [1, 0, 1, 0, 1, 1]);
    assert.equal([1, 2, -1].map(cosineOfPi), [-1, 1, -1]);
  });

  test("gives known bits", () => {
    assert.equal([1 / 3, 0.1, 0.77].map(cosineOfPi), [0.5, 0.9510565162951535, -0.7501110696304596]);
  });
});
