/**
 * A suite of tests over uvu that runs itself: a file that only declares its tests cannot go green by forgetting to run them.
 * The allocator works in debug mode. A test's tensors end with it as with a scope; what is live after that beyond what was
 * live before is a leak and fails the test, and so does a canary that was overwritten.
 */
import { suite as uvuSuite } from "uvu";
import "../../src/methods.ts";
import { isRecording } from "../../src/core/recording.ts";
import { currentScope, openScope } from "../../src/core/scope.ts";
import { checkMemory, debugMemory, memory } from "../../src/engine/storage.ts";
import { threadCount } from "../../src/engine/threads.ts";

export type Body = () => unknown;

export interface Test {
  (name: string, body: Body): void;
  /** For a moment at the desk: the run is reported as failed. */
  only(name: string, body: Body): void;
}

debugMemory();

export function suite(name: string, declare: (test: Test) => void): void {
  const tests = uvuSuite(name);
  // uvu drops what an `after.each` hook throws, so the checks belong to the body.
  const test: Test = Object.assign((title: string, body: Body) => tests(title, () => checked(body)), {
    only: (title: string, body: Body) => tests.only(title, () => checked(body)),
  });
  declare(test);
  tests.run();
}

async function checked(body: Body): Promise<void> {
  const before = memory();
  const scope = openScope("test");
  try {
    await body();
  } catch (error) {
    if (error instanceof Error) shorten(error);
    throw error;
  } finally {
    scope.close();
  }
  checkMemory();
  const after = memory();
  if (after.liveBlocks !== before.liveBlocks || after.liveBytes !== before.liveBytes) {
    const holders = after.largest.map(({ label, shape, bytes }) => `"${label}" [${shape.join(", ")}] ${bytes} bytes`);
    throw new Error(
      `the test leaks: ${before.liveBlocks} blocks of ${before.liveBytes} bytes were live before it, ` +
        `${after.liveBlocks} of ${after.liveBytes} after it; now live: ${holders.join(", ") || "none"}`,
    );
  }
  if (currentScope()) throw new Error(`the test left a ${currentScope()!.name} open`);
  if (threadCount() > 1) throw new Error("the test left threads running: end with setThreads(1)");
  if (!isRecording()) throw new Error("the test left recording switched off");
}

/** uvu prints the message and then the stack from its second line on, which repeats the message and names uvu itself. */
function shorten(error: Error): void {
  const frames = (error.stack ?? "").split("\n").filter((line) => /^ {4}at /.test(line));
  const own = frames.filter((frame) => !/node_modules|helpers\/suite\.ts|node:internal/.test(frame));
  error.stack = [error.name, ...own].join("\n");
}
