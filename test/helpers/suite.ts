/**
 * A suite of tests over uvu that runs itself: a file that only declares its tests cannot go green by forgetting to run them.
 * After every test the engine's memory must be what it was before it, and every canary intact.
 */
import { suite as uvuSuite } from "uvu";

export type Body = () => void | Promise<void>;

export interface Test {
  (name: string, body: Body): void;
  /** For a moment at the desk: the run is reported as failed. */
  only(name: string, body: Body): void;
}

/** What is checked around every test: `begin` is called before it, what it returns after it. */
export type Check = () => () => void;

const checks: Check[] = [];
let unfinished = 0;
let narrowed: string | undefined;

export function aroundEveryTest(check: Check): void {
  checks.push(check);
}

export function suite(name: string, declare: (test: Test) => void): void {
  const tests = uvuSuite(name);
  // uvu drops what an `after.each` hook throws, so the checks belong to the body.
  const checked = (body: Body) => async () => {
    const ends = checks.map((begin) => begin());
    await body();
    for (const end of ends.reverse()) end();
  };
  const test: Test = Object.assign((title: string, body: Body) => tests(title, checked(body)), {
    only(title: string, body: Body) {
      narrowed ??= `${name}: ${title}`;
      tests.only(title, checked(body));
    },
  });
  declare(test);
  unfinished++;
  tests.after(() => {
    if (--unfinished === 0) watchForHandles();
  });
  tests.run();
}

/** When all suites are done, nothing may keep the process alive. */
function watchForHandles(): void {
  setTimeout(() => {
    const held = process
      .getActiveResourcesInfo()
      .filter((kind) => !/^(TTYWrap|PipeWrap|WriteWrap|Timeout)$/.test(kind));
    console.error(`Still alive after the last test: ${held.join(", ") || "a timer"} was not closed.`);
    process.exit(1);
  }, 1000).unref();
}

process.on("exit", () => {
  if (narrowed === undefined) return;
  process.exitCode = 1;
  console.error(`Only "${narrowed}" was run: remove the .only.`);
});
