/** The pool of workers that share the memory with the calling thread, and the hand-over of jobs to them. */
import { QuarkError, WorkerDiedError } from "../errors.ts";
import * as at from "./board.js";
import { families } from "./family.ts";
import { workerScript } from "./generated/worker.ts";
import { engine } from "./module.ts";

/** What Node's Worker and the browsers' have in common. */
interface Thread {
  postMessage(message: unknown): void;
  terminate(): unknown;
  unref?(): void;
  on?(event: "message" | "error", listener: (value: unknown) => void): void;
  addEventListener?(event: "message" | "error", listener: (value: unknown) => void): void;
}

interface Pool {
  readonly threads: readonly Thread[];
  readonly board: Int32Array;
  readonly values: Float64Array;
  /** How many families all workers have for sure. */
  common: number;
}

/** Milliseconds after which a worker that gave no sign is taken for hung. */
const watchdog = 10_000;
/** Milliseconds in which workers have to start. */
const startLimit = 10_000;

let pool: Pool | undefined;
/** Where a kernel is found: its family's number, and its index among what the family's module exports. */
const places = new Map<unknown, readonly [family: number, index: number]>();
let placed = 0;

/** How many threads work on a kernel: the calling one and its workers. */
export function threadCount(): number {
  return pool ? pool.threads.length + 1 : 1;
}

/** What the engine runs on, and why it has one thread where more were asked for. */
export interface Runtime {
  readonly threads: number;
  readonly sharedMemory: boolean;
  readonly reason: string;
}

let reason = "setThreads was not called";

export function runtime(): Runtime {
  return { threads: threadCount(), sharedMemory: engine().shared, reason: pool ? "" : reason };
}

/**
 * Lets `count` threads (the calling one included) share the work of each op: results are the same bits for any number. Workers
 * start now, sleep when idle and do not keep a process alive. Where threads cannot be had, everything works on one and
 * `runtime()` says why.
 *
 * @throws QuarkError unless `count` is a whole number from 1 to 16.
 */
export async function setThreads(count: number): Promise<Runtime> {
  if (!Number.isInteger(count) || count < 1 || count > at.maxThreads) {
    throw new QuarkError(`setThreads: ${count} threads; give a whole number from 1 to ${at.maxThreads}`);
  }
  if (count === threadCount()) return runtime();
  stopThreads("setThreads was given 1");
  if (count > 1) await startThreads(count - 1);
  return runtime();
}

async function startThreads(count: number): Promise<void> {
  const { memory, shared } = engine();
  const spawn = await spawner();
  if (!shared || !spawn) {
    reason = shared
      ? "this runtime has no workers"
      : "this page is not cross-origin isolated: serve it with COOP and COEP headers";
    return;
  }
  const board = new Int32Array(new SharedArrayBuffer(4 * at.words));
  const values = new Float64Array(new SharedArrayBuffer(8 * at.maxArguments));
  const threads: Thread[] = [];
  board[at.sent] = families.length;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no sign after ${startLimit / 1000} s`)), startLimit);
  });
  try {
    const started = Array.from({ length: count }, (_, index) => {
      const thread = spawn();
      threads.push(thread);
      const ready = new Promise<void>((resolve, reject) => {
        const listen = (event: "message" | "error", listener: (value: unknown) => void) =>
          thread.on ? thread.on(event, listener) : thread.addEventListener?.(event, listener);
        listen("message", () => resolve());
        listen("error", (error) => reject(error));
      });
      thread.postMessage({ thread: index + 1, memory, board, values });
      for (const { module } of families) thread.postMessage({ module });
      return ready;
    });
    await Promise.race([Promise.all(started), late]);
    for (const thread of threads) thread.unref?.();
    pool = { threads, board, values, common: board[at.sent]! };
  } catch (error) {
    reason = `a worker did not start: ${error instanceof Error ? error.message : "its script could not be loaded"}`;
    for (const thread of threads) thread.terminate();
  } finally {
    clearTimeout(timer);
  }
}

/**
 * How this runtime makes a worker: from the script's text, so that no bundler has to find a file and a page may have the library from
 * another origin.
 */
async function spawner(): Promise<(() => Thread) | undefined> {
  const { process, Worker } = globalThis as unknown as {
    process?: { getBuiltinModule?(name: string): NodeThreads | undefined; versions?: { node?: string } };
    Worker?: new (url: string, options: object) => Thread;
  };
  let node = process?.getBuiltinModule?.(nodeThreads);
  // Node before 20.16; bundlers are not to look for it.
  if (!node && !Worker && process?.versions?.node)
    node = await import(/* @vite-ignore */ /* webpackIgnore: true */ nodeThreads);
  if (node) return () => new node.Worker(workerScript, { eval: true });
  if (!Worker) return undefined;
  scriptUrl ??= URL.createObjectURL(new Blob([workerScript], { type: "text/javascript" }));
  return () => new Worker(scriptUrl!, { type: "module" });
}

interface NodeThreads {
  readonly Worker: new (text: string, options: object) => Thread;
}

const nodeThreads: string = "node:worker_threads";
let scriptUrl: string | undefined;

function stopThreads(why: string): void {
  if (!pool) return;
  const { board, threads } = pool;
  for (let thread = 1; thread <= threads.length; thread++) Atomics.store(board, at.orders + thread, at.order.stop);
  Atomics.add(board, at.generation, 1);
  Atomics.notify(board, at.generation);
  for (const thread of threads) thread.terminate();
  pool = undefined;
  reason = why;
}

/** Gives an order to a worker: for tests of what happens when one fails. */
export function orderThread(thread: number, order: keyof typeof at.order): void {
  if (pool) Atomics.store(pool.board, at.orders + thread, at.order[order]);
}

/**
 * Runs a kernel over [0, units) in pieces of `grain` on all threads and returns when all are done. The caller takes
 * pieces too, so that it finishes alone what workers do not come to.
 */
export function dispatch(
  kernel: (...args: number[]) => void,
  units: number,
  grain: number,
  args: readonly number[],
  scratch: number,
  scratchStride: number,
): void {
  const { board, values } = pool!;
  const [family, index] = placeOf(kernel);
  const own = scratchStride > 0 ? [...args, scratch] : args;
  if (!allHave(family, pool!)) {
    kernel(...own, 0, units);
    return;
  }
  const pieces = Math.ceil(units / grain);
  values.set(args);
  board[at.family] = family;
  board[at.kernel] = index;
  board[at.argumentCount] = args.length;
  board[at.units] = units;
  board[at.grain] = grain;
  board[at.scratch] = scratch;
  board[at.scratchStride] = scratchStride;
  Atomics.store(board, at.done, 0);
  Atomics.store(board, at.remaining, pieces);
  Atomics.add(board, at.generation, 1);
  if (Atomics.load(board, at.sleeping) > 0) Atomics.notify(board, at.generation);
  const started = performance.now();
  let taken = 0;
  for (let piece = at.takePiece(board); piece >= 0; piece = at.takePiece(board)) {
    const from = piece * grain;
    kernel(...own, from, Math.min(from + grain, units));
    Atomics.add(board, at.done, 1);
    taken++;
  }
  const ended = performance.now();
  join(board, pieces);
  settle((pieces - taken) * ((ended - started) / Math.max(taken, 1)), performance.now() - ended);
}

/**
 * A worker whose core is busy with something else holds the piece it took for a whole time slice, and asking it again at once would
 * make two threads slower than one. So the books are kept: what workers computed is gained, what the caller waited for them is
 * lost, both in milliseconds. Now and then everybody is late; but where more was lost than gained of late, the caller works alone for
 * a while, which doubles as long as that comes of each new try.
 */
let balance = 0;
let rest = 0;
let restUntil = 0;
/** What was gained beyond it is forgotten, so that a core that becomes busy is noticed soon. */
const mostBalance = 5;
const shortestRest = 10;
const longestRest = 1000;

function settle(gained: number, lost: number): void {
  balance += gained - lost;
  if (balance >= mostBalance) {
    balance = mostBalance;
    rest = 0;
  } else if (balance < 0) {
    balance = 0;
    rest = Math.min(Math.max(2 * rest, shortestRest), longestRest);
    restUntil = performance.now() + rest;
  }
}

/** Whether workers may be asked now. */
export function threadsAtHand(): boolean {
  return pool !== undefined && (rest === 0 || performance.now() >= restUntil);
}

/** Waits for pieces that workers have taken; spins, since a piece is short and a browser's main thread may not sleep. */
function join(board: Int32Array, pieces: number): void {
  let deadline = 0;
  for (let spin = 1; Atomics.load(board, at.done) < pieces; spin++) {
    if (spin % 4096 !== 0) continue;
    const now = performance.now();
    deadline ||= now + watchdog;
    const failed = Atomics.load(board, at.failed);
    if (failed === 0 && now < deadline) continue;
    throw died(failed ? `worker ${failed} died within an op` : `a worker did not answer for ${watchdog / 1000} s`);
  }
}

function died(what: string): WorkerDiedError {
  stopThreads(`${what}; call setThreads again for new workers`);
  return new WorkerDiedError(
    `threads: ${what}; its result was dropped, and ops run on one thread until setThreads is called again`,
  );
}

function placeOf(kernel: unknown): readonly [family: number, index: number] {
  for (; placed < families.length; placed++) {
    for (const [index, one] of Object.values(families[placed]!.kernels).entries()) places.set(one, [placed, index]);
  }
  return places.get(kernel)!;
}

/** Whether all workers have the family. They are sent what they lack, and the caller goes on alone until they have read it. */
function allHave(family: number, pool: Pool): boolean {
  if (family < pool.common) return true;
  const { threads, board } = pool;
  const sent = Atomics.load(board, at.sent);
  if (sent < families.length) {
    for (const { module } of families.slice(sent)) for (const thread of threads) thread.postMessage({ module });
    Atomics.store(board, at.sent, families.length);
    Atomics.add(board, at.generation, 1);
    Atomics.notify(board, at.generation);
  }
  const failed = Atomics.load(board, at.failed);
  if (failed !== 0) throw died(`worker ${failed} died`);
  pool.common = Math.min(...threads.map((_, index) => Atomics.load(board, at.families + index + 1)));
  return family < pool.common;
}
