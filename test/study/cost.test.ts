import * as assert from "uvu/assert";
import { manualSeed, maxPool2d, memory, nn, rand, relu, Sora, study, type Tensor } from "../../src/index.ts";
import { read } from "../helpers/sources.ts";
import { suite } from "../helpers/suite.ts";

const granularities = ["layer", "op", "kernel"] as const;

/** One layer, used twice. */
class Twice extends nn.Module {
  readonly layer = new nn.Linear(4, 4);

  forward(input: Tensor): Tensor {
    return this.layer.forward(relu(this.layer.forward(input)));
  }
}

suite("costs", (test) => {
  for (const granularity of granularities) {
    test(`counts Sora's parameters and multiply–adds at ${granularity} granularity`, () => {
      const model = new Sora();
      const graph = study.decompose(model, rand([1, 1, 28, 28]), { granularity });
      const { cards, total } = study.costs(graph);
      assert.is(total.parameters, 421_642);
      assert.is(total.multiplyAdds, 4_241_152);
      assert.is(
        cards.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
        4_241_152,
      );
      model.dispose();
    });
  }

  test("gives the numbers of a convolution and of one of its filters", () => {
    const model = new Sora();
    const sample = rand([2, 1, 28, 28]);
    const whole = study.costs(study.decompose(model, sample)).cards[0]!;
    const outputs = 2 * 32 * 28 * 28;
    assert.equal(whole, {
      id: "conv2d#1",
      particle: "conv2d",
      module: "conv1",
      shape: [2, 32, 28, 28],
      parameters: 320,
      multiplyAdds: 9 * outputs,
      flops: 19 * outputs,
      bytes: 4 * (2 * 784 + 320 + outputs),
      intensity: (19 * outputs) / (4 * (2 * 784 + 320 + outputs)),
      activationBytes: 4 * outputs,
    });
    const { cards } = study.costs(study.decompose(model, sample, { granularity: "kernel" }));
    const filter = cards.find(({ id }) => id === "conv2d#1/filter3")!;
    assert.is(filter.parameters, 10);
    assert.is(filter.multiplyAdds, (9 * outputs) / 32);
    model.dispose();
  });

  test("has one card a call of a layer, and none for activations that share their input's block", () => {
    const model = new Sora();
    const graph = study.decompose(model, rand([1, 1, 28, 28]), { granularity: "layer" });
    const { cards } = study.costs(graph);
    assert.equal(
      cards.map(({ id }) => id),
      ["conv1#1", "relu#1", "pool#1", "conv2#1", "relu#2", "pool#2", "flatten#1", "fc1#1", "relu#3", "fc2#1"],
    );
    assert.is(cards.find(({ id }) => id === "flatten#1")!.activationBytes, 0);
    model.dispose();
  });

  test("counts a parameter of a shared layer once in the total", () => {
    const model = new Twice();
    const { cards, total } = study.costs(study.decompose(model, rand([1, 4])));
    assert.equal(
      cards.map(({ parameters }) => parameters),
      [20, 0, 20],
    );
    assert.is(total.parameters, 20);
    assert.is(total.multiplyAdds, 32);
    model.dispose();
  });

  test("takes the median of measured times, by the clock it is given", () => {
    manualSeed(0);
    const model = new nn.Sequential(new nn.Linear(10, 10, { bias: false }));
    const input = rand([1, 10]);
    const graph = study.decompose(model, input);
    const ticks = [0, 5, 5, 7, 7, 107]; // 5, 2 and 100 ms
    const table = study.costs(graph, { inputs: input, repeats: 3, clock: () => ticks.shift()!, peak: 80_000 });
    assert.is(table.cards[0]!.milliseconds, 5);
    assert.is(table.cards[0]!.peakShare, 0.5); // 200 operations in 5 ms are 40,000 a second
    assert.equal(JSON.parse(JSON.stringify(table)), table);
    model.dispose();
  });

  test("times each particle with its own work, though relu leaves it to the pool where it can", () => {
    class Rectified extends nn.Module {
      forward(input: Tensor): Tensor {
        return maxPool2d(relu(input), 2);
      }
    }
    const sample = rand([1, 4, 8, 8]);
    const graph = study.decompose(new Rectified(), sample);
    const readings: number[] = [];
    const clock = () => {
      readings.push(memory().liveBytes);
      return 0;
    };
    study.costs(graph, { inputs: sample, repeats: 1, clock });
    assert.is(readings.length, 4);
    assert.is(readings[1]! - readings[0]!, 4 * 4 * 8 * 8);
  });

  test("measures the peak by the fastest run, the first one aside", () => {
    // Counted in the kernel's own loop, whatever constants say: a product and an addition in each of four lanes.
    const [, loop] = /while \(rounds-- > 0\) \{([^}]*)\}/.exec(read("assembly/engine/peak.ts"))!;
    const flopsPerRound = loop!.match(/\bmadd\(/g)!.length * 4 * 2;
    const readings = [0, 10, 14, 20, 22];
    assert.is(study.measurePeak({ repeats: 2, clock: () => readings.shift()! }), (1000 * flopsPerRound * 100_000) / 2);
    const peak = study.measurePeak();
    assert.ok(peak > 1e8 && peak < 1e13, `${peak} operations a second`);
  });
});

suite("summary", (test) => {
  test("shows Sora as a table", () => {
    const model = new Sora();
    const text = study.summary(model, [1, 1, 28, 28]);
    assert.match(text, /^conv1 \(conv2d\) +\[1, 32, 28, 28\] +320 +225,792$/m);
    assert.match(text, /^fc1 \(linear\) +\[1, 128\] +401,536 +401,408$/m);
    assert.match(text, /^Total parameters: 421,642$/m);
    assert.match(text, /^Total mult-adds: 4,241,152$/m);
    model.dispose();
  });

  test("calls parameters that were counted shared, and leaves each module in its mode", () => {
    const model = new Twice();
    const text = study.summary(model, rand([2, 4]));
    assert.match(text, /\(shared\)/);
    assert.match(text, /^Total parameters: 20$/m);
    assert.ok(model.training);
    model.dispose();
  });
});
