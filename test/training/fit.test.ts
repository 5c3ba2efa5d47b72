import * as assert from "uvu/assert";
import {
  crossEntropy,
  data,
  type FitOptions,
  fit,
  fitAsync,
  manualSeed,
  metrics,
  mseLoss,
  nn,
  OptionError,
  optim,
  QuarkError,
  randint,
  randn,
  type Tensor,
  tensor,
  weightsSha256,
} from "../../src/index.ts";
import { bits, bound } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

interface Batch {
  readonly images: Tensor;
  readonly labels: Tensor;
}

class Net extends nn.Module {
  readonly fc1 = new nn.Linear(6, 8);
  readonly dropout = new nn.Dropout(0.25);
  readonly fc2 = new nn.Linear(8, 3);

  forward(images: Tensor): Tensor {
    return this.fc2.forward(this.dropout.forward(this.fc1.forward(images).relu()));
  }
}

/** A model, 22 samples in random batches of 4, and an optimiser, the same each time. */
function world() {
  manualSeed(0);
  const model = new Net();
  const dataset = new data.TensorDataset({ images: randn([22, 6]), labels: randint(3, [22]) });
  const loader = new data.DataLoader(dataset, { batchSize: 4, shuffle: true });
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const loss = (net: Net, { images, labels }: Batch) => crossEntropy(net.forward(images), labels);
  const end = () => {
    model.dispose();
    optimizer.dispose();
  };
  return { model, loader, optimizer, loss, end };
}

/** Gives back what a test kept. */
function closed(worlds: readonly ReturnType<typeof world>[]): void {
  for (const { end } of worlds) end();
}

function fails(body: () => unknown, kind: abstract new (...args: never) => Error, message: string): void {
  assert.throws(body, (error: unknown) => {
    assert.instance(error, kind);
    assert.is((error as Error).message, message);
    return true;
  });
}

suite("fit", (test) => {
  test("gives the bits of the plain loop, also when it is asynchronous", async () => {
    const plain = world();
    const schedule = new optim.ExponentialLR(plain.optimizer, 0.9);
    const losses: number[] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      let sum = 0;
      for (const batch of plain.loader) {
        plain.optimizer.zeroGrad();
        const loss = plain.loss(plain.model, batch);
        loss.backward();
        nn.clipGradNorm(plain.model.parameters(), 0.5);
        plain.optimizer.step();
        sum += loss.item() * batch.labels.size;
      }
      schedule.step();
      losses.push(sum / 22);
    }
    const wanted = weightsSha256(plain.model);
    for (const one of [fit, fitAsync]) {
      const { model, loader, optimizer, loss, end } = world();
      const history = await one(model, loader, {
        loss,
        optimizer,
        epochs: 3,
        clipNorm: 0.5,
        schedule: new optim.ExponentialLR(optimizer, 0.9),
      });
      assert.is(weightsSha256(model), wanted);
      assert.equal(
        history.epochs.map(({ figures }) => figures.loss),
        losses,
      );
      assert.equal(
        history.epochs.map(({ lr }) => lr),
        [0.01, 0.01 * 0.9, 0.01 * 0.9 * 0.9],
      );
      assert.is(history.bestEpoch, 3);
      assert.is(history.stopped, undefined);
      end();
    }
    plain.end();
  });

  test("adds gradients up as one large batch does", () => {
    const rows = { images: randn([8, 6]), labels: randint(3, [8]) };
    const small = new data.DataLoader(new data.TensorDataset(rows), { batchSize: 2 });
    const large = new data.DataLoader(new data.TensorDataset(rows), { batchSize: 8 });
    const [a, b] = [world(), world()];
    for (const { model } of [a, b]) model.eval();
    const steps: number[] = [];
    const sgd = (model: Net) => new optim.SGD(model.parameters(), { lr: 0.1 });
    const onStep = ({ step }: { readonly step: number }) => steps.push(step);
    fit(a.model, small, { loss: a.loss, optimizer: sgd(a.model), epochs: 2, accumulate: 4, onStep });
    fit(b.model, large, { loss: b.loss, optimizer: sgd(b.model), epochs: 2 });
    assert.equal(steps, [1, 2]);
    bound(a.model.fc1.weight, b.model.fc1.weight.data, 1e-6);
    const before = a.model.fc1.weight.data.slice();
    fit(a.model, small, { loss: a.loss, optimizer: sgd(a.model), accumulate: 3, onStep });
    assert.is(steps.length, 3);
    assert.not.equal(before, a.model.fc1.weight.data.slice());
    closed([a, b]);
  });

  test("measures in evaluation mode, sample by sample, and leaves modes as they were", () => {
    const one = world();
    const { model, loader, optimizer, loss } = one;
    model.fc1.eval();
    const rows = { images: randn([5, 6]), labels: randint(3, [5]) };
    const validation = new data.DataLoader(new data.TensorDataset(rows), { batchSize: 3 });
    const modes: boolean[] = [];
    const history = fit(model, loader, {
      loss,
      optimizer,
      validation,
      metrics: {
        accuracy: (net, { images, labels }) => metrics.accuracy(net.forward(images), labels),
      },
      evaluate: (net) => {
        modes.push(net.training, net.dropout.training);
        return { two: 2 };
      },
    });
    assert.equal(modes, [false, false]);
    assert.equal([model.training, model.fc1.training, model.dropout.training], [true, false, true]);
    model.eval();
    const output = model.forward(rows.images);
    const { figures } = history.epochs[0]!;
    assert.equal(Object.keys(figures), ["loss", "valLoss", "accuracy", "two"]);
    bound([figures.valLoss!], [crossEntropy(output, rows.labels).item()], 1e-6);
    bound([figures.accuracy!], [metrics.accuracy(output, rows.labels)], 1e-12);
    closed([one]);
  });

  test("stops early, with the best weights", () => {
    const one = world();
    const { model, loader, optimizer, loss } = one;
    const scores = [3, 1, 2, 2, 2, 0];
    const weights: ArrayLike<number>[] = [];
    const reports: boolean[] = [];
    const history = fit(model, loader, {
      loss,
      optimizer,
      epochs: 6,
      evaluate: () => {
        weights.push(model.fc2.weight.data.slice());
        return scores[weights.length - 1]!;
      },
      earlyStopping: { monitor: "score", patience: 2 },
      onEpoch: ({ best }) => reports.push(best),
    });
    assert.is(history.epochs.length, 5);
    assert.is(history.bestEpoch, 2);
    assert.is(history.stopped, "earlyStopping");
    assert.equal(reports, [true, true, false, false, false]);
    bits(model.fc2.weight, weights[1]!);
    closed([one]);
  });

  test("steps schedules by step or by the validation's loss", () => {
    const one = world();
    const { model, loader, optimizer, loss } = one;
    const rates: number[] = [];
    fit(model, loader, {
      loss,
      optimizer,
      schedule: new optim.StepLR(optimizer, 2, { gamma: 0.5 }),
      scheduleEvery: "step",
      onStep: ({ lr }) => rates.push(lr),
    });
    assert.equal(rates, [0.01, 0.005, 0.005, 0.0025, 0.0025, 0.00125]);
    const plateau = new optim.ReduceLROnPlateau(optimizer, { patience: 0, factor: 0.1 });
    plateau.best = 0;
    fit(model, loader, { loss, optimizer, schedule: [plateau] });
    bound([optimizer.paramGroups[0]!.lr], [0.000125], 1e-12);
    closed([one]);
  });

  test("keeps an average, prints lines, writes figures", () => {
    const one = world();
    const { model, loader, optimizer, loss } = one;
    const ema = new optim.EMA(model, 0.5);
    const lines: string[] = [];
    const written: string[] = [];
    fit(model, loader, {
      loss,
      optimizer,
      ema,
      epochs: 2,
      firstEpoch: 2,
      progress: (line) => lines.push(line),
      writer: { addScalar: (tag, _, step) => written.push(`${tag} ${step}`) },
    });
    assert.is(ema.updates, 6);
    assert.is(lines.length, 1);
    assert.match(lines[0]!, /^epoch 2\/2 \| loss \d\.\d{4} \| \d+\.\d s$/);
    assert.equal(written, [...[1, 2, 3, 4, 5, 6].map((step) => `step/loss ${step}`), "epoch/loss 2", "epoch/lr 2"]);
    ema.dispose();
    closed([one]);
  });

  test("ends after the step in which it is told to", async () => {
    for (const one of [fit, fitAsync]) {
      const { model, loader, optimizer, loss, end } = world();
      const stop = new AbortController();
      let steps = 0;
      const onStep = () => ++steps === 8 && stop.abort();
      const history = await one(model, loader, { loss, optimizer, epochs: 9, onStep, signal: stop.signal } as never);
      assert.is(steps, 8);
      assert.is(history.stopped, "signal");
      assert.is(history.epochs.length, 1);
      end();
    }
  });

  test("takes batches that have to be waited for", async () => {
    manualSeed(0);
    const model = new nn.Linear(1, 1);
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.05 });
    const samples = new data.SampleDataset(8, async (index) => ({ x: [index / 8], y: [index / 4 + 1] }));
    const loss = (net: nn.Linear, { x, y }: { x: Tensor[]; y: Tensor[] }) =>
      mseLoss(net.forward(x[0]!.unsqueeze(1)), y[0]!.unsqueeze(1));
    const options: FitOptions<nn.Linear, { x: Tensor[]; y: Tensor[] }> = { loss, optimizer, epochs: 200 };
    const history = await fitAsync(model, new data.DataLoader(samples, { batchSize: 4 }), options);
    assert.ok(history.epochs.at(-1)!.figures.loss! < 0.01);
    model.dispose();
  });

  test("lets others run between two steps", async () => {
    const one = world();
    const { model, loader, optimizer } = one;
    // A step of some milliseconds.
    const loss = (net: Net, { images, labels }: Batch) => {
      const until = performance.now() + 5;
      while (performance.now() < until);
      return crossEntropy(net.forward(images), labels);
    };
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const foreign: Tensor[] = [];
    setTimeout(() => foreign.push(tensor([1, 2, 3])), 10);
    await fitAsync(model, loader, { loss, optimizer, epochs: 5 });
    clearInterval(timer);
    assert.ok(ticks >= 5, `${ticks} ticks in 30 steps of 5 ms`);
    assert.not(foreign[0]!.disposed);
    closed([one]);
  });

  test("refuses what it does not know", () => {
    const one = world();
    const { model, loader, optimizer, loss } = one;
    fails(
      () => fit(model, loader, { loss, optimizer, epoch: 3 } as never),
      OptionError,
      'fit: option "epoch" is not known; did you mean "epochs"?',
    );
    fails(
      () => fit(model, loader, { optimizer } as never),
      OptionError,
      "fit: loss must be a function of the model and a batch, got null",
    );
    fails(
      () => fit(model, loader, { loss, optimizer: model } as never),
      OptionError,
      "fit: optimizer must be an optimiser, got a Net",
    );
    fails(
      () => fit(model, loader, { loss, optimizer, earlyStopping: { monitor: "f1" } }),
      OptionError,
      'earlyStopping: no figure "f1"; there are loss',
    );
    fails(() => fit(model, [] as Batch[], { loss, optimizer }), QuarkError, "fit: the loader gave no batch");
    closed([one]);
  });
});
