import * as assert from "uvu/assert";
import {
  crossEntropy,
  manualSeed,
  noGrad,
  optim,
  rand,
  randint,
  runtime,
  Sora,
  scope,
  setThreads,
  slice,
  weightsSha256,
} from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

/** The weights of Sora after 50 steps on numbers drawn at random. */
function trained(): string {
  return scope(() => {
    manualSeed(3);
    const model = new Sora();
    const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
    for (let step = 0; step < 50; step++) {
      scope(() => {
        optimizer.zeroGrad();
        crossEntropy(model.forward(rand([32, 1, 28, 28])), randint(0, 10, [32])).backward();
        optimizer.step();
      });
    }
    const hash = weightsSha256(model);
    for (const parameter of model.parameters()) parameter.dispose();
    optimizer.dispose();
    return hash;
  });
}

suite("Sora on threads", (test) => {
  test("has the same weights after 50 steps on 1, 2, 3, 4 and 8", async () => {
    const alone = trained();
    for (const threads of [2, 3, 4, 8]) {
      await setThreads(threads);
      assert.is(runtime().threads, threads);
      assert.is(trained(), alone, `${threads} threads`);
    }
    await setThreads(1);
  });

  test("gives a batch of 64 the bits of 64 batches of one, on one thread and on two", async () => {
    manualSeed(3);
    const model = new Sora();
    const images = rand([64, 1, 28, 28]);
    const together = noGrad(() => model.forward(images));
    for (const threads of [1, 2]) {
      await setThreads(threads);
      for (let image = 0; image < 64; image++) {
        const alone = noGrad(() => model.forward(slice(images, [[image, image + 1]])));
        bits(alone, together.data.slice(10 * image, 10 * image + 10));
      }
      bits(
        noGrad(() => model.forward(images)),
        together.data,
      );
    }
    await setThreads(1);
    for (const parameter of model.parameters()) parameter.dispose();
  });
});
