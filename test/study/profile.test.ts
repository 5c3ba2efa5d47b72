import * as assert from "uvu/assert";
import { GraphError, manualSeed, rand, Sora, study, sum } from "../../src/index.ts";
import { suite } from "../helpers/suite.ts";

/** A clock that goes on by a millisecond each time it is read. */
function ticking(): () => number {
  let now = 100;
  return () => now++;
}

suite("profile", (test) => {
  test("measures each particle of a step, forward and backward", () => {
    manualSeed(0);
    const model = new Sora();
    const input = rand([2, 1, 28, 28]);
    const { result, entries, milliseconds, trace } = study.profile(
      () => {
        const loss = sum(model.forward(input));
        loss.backward();
        return loss.item();
      },
      { model, clock: ticking() },
    );
    assert.type(result, "number");
    const counts = Object.fromEntries(
      entries.map(({ particle, direction, count }) => [`${particle} ${direction}`, count]),
    );
    assert.equal(counts["conv2d forward"], 2);
    assert.equal(counts["conv2d backward"], 2);
    assert.equal(counts["relu backward"], 1);
    assert.equal(counts["reluMaxPool2d forward"], 2);
    assert.equal(counts["reluMaxPool2d backward"], 2);
    assert.equal(counts["maxPool2d forward"], undefined, "what ran is what is shown");
    assert.equal(counts["sum forward"], 1);
    assert.equal(counts["flatten forward"], 1);
    for (const { milliseconds: own, count } of entries) assert.is(Math.round(own), count);
    const times = entries.map((entry) => entry.milliseconds);
    assert.equal(
      times,
      [...times].sort((a, b) => b - a),
    );
    const [step, ...rest] = trace.traceEvents;
    assert.is(step!.name, "step");
    assert.is(Math.round(step!.dur), Math.round(1000 * milliseconds));
    for (const { ts, dur, ph } of rest) {
      assert.is(ph, "X");
      assert.ok(ts >= step!.ts && ts + dur <= step!.ts + step!.dur);
    }
    const conv1 = rest.find(({ name }) => name === "conv1")!;
    const conv = rest.find(({ name }) => name === "conv2d")!;
    assert.is(conv1.cat, "module");
    assert.equal(conv.args, { output: "2×32×28×28" });
    assert.ok(conv1.ts < conv.ts && conv.ts + conv.dur < conv1.ts + conv1.dur, "a particle lies within its module");
    assert.equal(JSON.parse(JSON.stringify(trace)), trace);
    model.dispose();
  });

  test("goes on where the body catches what a particle throws", () => {
    const model = new Sora();
    const { entries } = study.profile(() => {
      assert.throws(() => model.forward(rand([1, 2, 28, 28])));
      sum(rand([3]));
    });
    assert.equal(
      entries.map(({ particle, count }) => [particle, count]),
      [["sum", 1]],
    );
    model.dispose();
  });

  test("refuses a Promise", () => {
    assert.throws(
      () => study.profile(async () => 0),
      (error: unknown) => error instanceof GraphError,
    );
  });
});
