import * as assert from "uvu/assert";
import { optim, QuarkError, tensor } from "../../src/index.ts";
import { cosineOfPi } from "../../src/optim/cosine.ts";
import type { LRScheduler } from "../../src/optim/schedule.ts";
import { schedules } from "../golden/optim.ts";
import { bound } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

function fails(body: () => unknown, message: string): void {
  assert.throws(body, (error: unknown) => error instanceof QuarkError && error.message === message);
}

const sgd = () => new optim.SGD([tensor([0], { requiresGrad: true })], { lr: 0.1, momentum: 0.9 });

function make(name: string, optimizer: optim.SGD, options: Record<string, unknown>): LRScheduler {
  const { stepSize, tMax, maxLr, ...rest } = options;
  if (name === "StepLR") return new optim.StepLR(optimizer, stepSize as number, rest);
  if (name === "CosineAnnealingLR") return new optim.CosineAnnealingLR(optimizer, tMax as number, rest);
  if (name === "LinearLR") return new optim.LinearLR(optimizer, rest);
  return new optim.OneCycleLR(optimizer, maxLr as number, rest);
}

suite("schedules", (test) => {
  for (const { name, options, lr, momentum } of schedules) {
    test(`${name} ${JSON.stringify(options)} follows PyTorch`, () => {
      const optimizer = sgd();
      const schedule = make(name, optimizer, options);
      const rates = schedule.getLastLr();
      const momenta = [optimizer.paramGroups[0]!.momentum];
      for (let step = 1; step < lr.length; step++) {
        schedule.step();
        rates.push(...schedule.getLastLr());
        momenta.push(optimizer.paramGroups[0]!.momentum);
      }
      bound(rates, lr, 1e-15);
      bound(momenta, momentum, 1e-15);
    });
  }

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

  test("refuse options that make no sense", () => {
    fails(() => new optim.StepLR(sgd(), 0), "StepLR: stepSize 0 must be a whole number of at least 1");
    fails(
      () => new optim.CosineAnnealingLR(sgd(), 1.5),
      "CosineAnnealingLR: tMax 1.5 must be a whole number of at least 1",
    );
    fails(
      () => new optim.LinearLR(sgd(), { startFactor: 0 }),
      "LinearLR: startFactor 0 must be more than 0 and at most 1",
    );
    fails(() => new optim.LinearLR(sgd(), { endFactor: 2 }), "LinearLR: endFactor 2 must be at least 0 and at most 1");
    fails(() => new optim.OneCycleLR(sgd(), 1, {}), "OneCycleLR: give totalSteps, or both epochs and stepsPerEpoch");
    fails(
      () => new optim.OneCycleLR(sgd(), 1, { totalSteps: 5, pctStart: 2 }),
      "OneCycleLR: pctStart 2 must be at least 0 and at most 1",
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
