import * as assert from "uvu/assert";
import { families } from "../../src/engine/family.ts";
import { kernels } from "../../src/engine/generated/activation.ts";
import { kernels as arithmeticKernels } from "../../src/engine/generated/arithmetic.ts";
import { engine } from "../../src/engine/module.ts";
import { parallel, parallelWithScratch } from "../../src/engine/parallel.ts";
import { Storage } from "../../src/engine/storage.ts";
import { orderThread, runtime, setThreads, threadCount } from "../../src/engine/threads.ts";
import { QuarkError, WorkerDiedError } from "../../src/errors.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";
import { randomIn } from "../helpers/values.ts";

const size = 200_000;
const grain = 64;

/** Runs `body` with input and output blocks of `size` floats. */
async function withBlocks(body: (x: number, y: number, view: (ptr: number) => Float32Array) => Promise<void>) {
  const [x, y] = [new Storage(4 * size, "x", [size]), new Storage(4 * size, "y", [size])];
  const view = (ptr: number) => new Float32Array(engine().memory.buffer, ptr, size);
  const random = randomIn(1);
  view(x.ptr).forEach((_, index, data) => {
    data[index] = random() - 0.5;
  });
  try {
    await body(x.ptr, y.ptr, view);
  } finally {
    x.release();
    y.release();
    await setThreads(1);
  }
}

const relu = (x: number, y: number) => parallel(kernels.relu, size, grain, x, y);

suite("threads", (test) => {
  test("come and go", async () => {
    assert.is(threadCount(), 1);
    const started = await setThreads(3);
    assert.equal(started, { threads: 3, sharedMemory: true, reason: "" });
    assert.is(threadCount(), 3);
    assert.equal(await setThreads(3), started);
    await setThreads(2);
    assert.is(threadCount(), 2);
    await setThreads(1);
    assert.is(threadCount(), 1);
    assert.is(runtime().reason, "setThreads was given 1");
  });

  test("are from 1 to 16", async () => {
    for (const count of [0, -1, 17, 1.5, Number.NaN]) {
      try {
        await setThreads(count);
        assert.unreachable("nothing was thrown");
      } catch (error) {
        assert.instance(error, QuarkError);
        assert.is((error as Error).message, `setThreads: ${count} threads; give a whole number from 1 to 16`);
      }
    }
  });

  test("compute the same bits, any number of them, thousands of pieces, again and again", async () => {
    await withBlocks(async (x, y, view) => {
      const expected = view(x).map((value) => (value < 0 ? 0 : value));
      for (const count of [1, 2, 3, 4, 8]) {
        await setThreads(count);
        for (let turn = 0; turn < 20; turn++) {
          view(y).fill(Number.NaN);
          relu(x, y);
          bits(view(y), expected, `${count} threads, turn ${turn}`);
        }
      }
    });
  });

  test("short jobs in quick succession are never mixed up", async () => {
    await withBlocks(async (x, y, view) => {
      await setThreads(3);
      const expected = view(x).map((value) => (value < 0 ? 0 : value));
      for (let turn = 0; turn < 3000; turn++) {
        const from = 4 * (turn % 1000);
        const length = 4 * (2 + (turn % 7));
        view(y).fill(-1, from, from + length + 4);
        parallel(kernels.relu, length, 4, x + 4 * from, y + 4 * from);
        const data = view(y);
        for (let index = from; index < from + length; index++) {
          if (data[index] !== expected[index]) assert.unreachable(`turn ${turn}: element ${index} is ${data[index]}`);
        }
        assert.is(data[from + length], -1, `turn ${turn}: the job went too far`);
      }
    });
  });

  test("what fits one piece runs on the calling thread, with scratch", async () => {
    await setThreads(4);
    const seen: number[] = [];
    parallelWithScratch((scratch, from, to) => void seen.push(scratch, from, to), 10, 10, 5000);
    assert.is(seen[0]! % 64, 0);
    assert.equal(seen.slice(1), [0, 10]);
    parallel((from, to) => void seen.push(from, to), 0, 10);
    assert.is(seen.length, 3, "nothing to do, nothing called");
    await setThreads(1);
  });

  test("are sent a family of kernels that was not used before, and take part in it", async () => {
    await withBlocks(async (x, y, view) => {
      await setThreads(3);
      const before = families.length;
      const negate = () => parallel(arithmeticKernels.neg, size, grain, x, y);
      negate();
      assert.is(families.length, before + 1, "arithmetic was used before: take another family");
      const expected = view(x).map((value) => -value);
      bits(view(y), expected, "alone");
      orderThread(1, "throw");
      let thrown: unknown;
      for (const begin = performance.now(); thrown === undefined && performance.now() < begin + 20_000; ) {
        try {
          negate();
        } catch (error) {
          thrown = error;
        }
      }
      assert.instance(thrown, WorkerDiedError);
      await setThreads(2);
      view(y).fill(Number.NaN);
      negate();
      bits(view(y), expected, "by new workers");
    });
  });

  for (const [order, limit] of [
    ["throw", 2000],
    ["exit", 2000],
    ["hang", 12_000],
  ] as const) {
    test(`one that fails by ${order} within an op is an error in time, and everything works on`, async () => {
      await withBlocks(async (x, y, view) => {
        const expected = view(x).map((value) => (value < 0 ? 0 : value));
        await setThreads(3);
        relu(x, y);
        orderThread(2, order);
        let thrown: unknown;
        const begin = performance.now();
        let lastCall = begin;
        while (thrown === undefined && performance.now() < begin + 20_000) {
          lastCall = performance.now();
          try {
            relu(x, y);
          } catch (error) {
            thrown = error;
          }
        }
        const waited = performance.now() - lastCall;
        assert.instance(thrown, WorkerDiedError);
        const what = order === "hang" ? "a worker did not answer for 10 s" : "worker 2 died within an op";
        assert.is(
          (thrown as Error).message,
          `threads: ${what}; its result was dropped, and ops run on one thread until setThreads is called again`,
        );
        assert.ok(waited <= limit, `it took ${waited} ms`);
        assert.is(threadCount(), 1);
        assert.is(runtime().reason, `${what}; call setThreads again for new workers`);
        view(y).fill(Number.NaN);
        relu(x, y);
        bits(view(y), expected);
        await setThreads(3);
        assert.is(threadCount(), 3);
        view(y).fill(Number.NaN);
        relu(x, y);
        bits(view(y), expected);
      });
    });
  }

  test("one that died while nothing ran is an error at the next op that asks it, or is not missed", async () => {
    await withBlocks(async (x, y, view) => {
      const expected = view(x).map((value) => (value < 0 ? 0 : value));
      await setThreads(2);
      orderThread(1, "exit");
      const begin = performance.now();
      let errors = 0;
      while (performance.now() < begin + 500) {
        view(y).fill(Number.NaN);
        try {
          relu(x, y);
          bits(view(y), expected);
        } catch (error) {
          assert.instance(error, WorkerDiedError);
          errors++;
        }
      }
      assert.ok(errors <= 1);
    });
  });
});
