/**
 * The process that test files run in. The parent names a file; this process imports it, runs the suites it declared, waits until
 * nothing of them is left, tells how it went, and is ready for the next. Whatever goes wrong meanwhile, the parent knows whose it is.
 */

/** How a file went. */
export interface Outcome {
  readonly total: number;
  readonly passed: number;
  readonly skipped: number;
  /** Whether a suite has a failed test of which it prints nothing. */
  readonly unreported: boolean;
  /** What the process would end with. */
  readonly exitCode: number | string;
  /** What still keeps the process alive. */
  readonly open: readonly string[];
}

/** A suite as uvu queues it: prints how its tests go, and returns what it has to say of those that failed. */
type Suite = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>;

/** Milliseconds in which timers, workers and files of a test have to end. */
const patience = 1000;

const { channel } = process;
// Tells uvu that suites are run by its command line, which is what this process stands for.
const uvu = Object.assign(globalThis, { UVU_DEFER: 1, UVU_QUEUE: [] as Suite[][] });

process.on("message", async (url: string) => {
  // A test that waits for nothing that can happen ends the process.
  channel!.unref();
  const suites: Suite[] = [];
  uvu.UVU_QUEUE = [suites];
  await import(url);
  const outcome = { total: 0, passed: 0, skipped: 0, unreported: false };
  for (const run of suites) {
    const [errors, passed, skipped, total] = await run();
    if (errors === true) outcome.unreported ||= passed < total;
    else console.log(`\n${errors}`);
    outcome.total += total;
    outcome.passed += passed;
    outcome.skipped += skipped;
  }
  const open = await leftOpen();
  channel!.ref();
  process.send!({ ...outcome, open, exitCode: process.exitCode ?? 0 } satisfies Outcome);
});

/** Waits until nothing keeps the process alive; returns what does so for too long. */
function leftOpen(): Promise<string[]> {
  return new Promise((resolve) => {
    const nothing = () => resolve([]);
    process.once("beforeExit", nothing);
    const late = () => {
      process.off("beforeExit", nothing);
      const open = process.getActiveResourcesInfo();
      resolve(open.length > 0 ? open : ["a worker"]);
    };
    setTimeout(late, patience).unref();
  });
}
