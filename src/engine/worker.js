/** What a worker thread runs: it waits for jobs on the board and computes pieces of them until it is told to stop. */
import * as at from "./board.js";

/** @typedef {{ thread: number, memory: WebAssembly.Memory, board: Int32Array, values: Float64Array }} Start */
/** @typedef {{ module: WebAssembly.Module }} Family */

/** Node's own module, where this is Node; elsewhere the worker's global scope has the same means. */
const builtin = globalThis.process?.getBuiltinModule ?? (typeof require === "function" ? require : undefined);
const port = builtin?.("node:worker_threads")?.parentPort;

/** @type {Start | undefined} */
let job;
/** The kernels of each family, in the order in which they were sent. @type {any[][]} */
const families = [];

if (port) port.on("message", read);
else globalThis.onmessage = ({ data }) => read(data);

/** The first message starts the worker, each further one brings a family. @param {Start | Family} message */
function read(message) {
  if ("module" in message) receive(message);
  else start(message);
}

/** @param {Start} message */
function start(message) {
  job = message;
  const { board, thread } = message;
  globalThis.process?.on?.("exit", () => fail(board, thread));
  if (!waits(board)) begin();
}

/** @param {Family} message */
function receive({ module }) {
  const { board, memory, thread } = /** @type {Start} */ (job);
  try {
    families.push(Object.values(new WebAssembly.Instance(module, { env: { memory } }).exports));
    Atomics.store(board, at.families + thread, families.length);
  } catch (error) {
    fail(board, thread);
    throw error;
  }
  if (!waits(board)) begin();
}

/** Says that this worker has all there is, and works until there is more. */
function begin() {
  const { board, thread, values } = /** @type {Start} */ (job);
  if (port) port.postMessage("ready");
  else globalThis.postMessage("ready");
  try {
    work(thread, board, values);
  } catch (error) {
    fail(board, thread);
    throw error;
  }
}

/** Whether a family is on its way. @param {Int32Array} board */
function waits(board) {
  return families.length < Atomics.load(board, at.sent);
}

/**
 * Returns when it is told to stop, or when a message waits, which can only be read between two calls.
 * @param {number} thread
 * @param {Int32Array} board
 * @param {Float64Array} values
 */
function work(thread, board, values) {
  let seen = Atomics.load(board, at.generation);
  while (Atomics.load(board, at.orders + thread) !== at.order.stop && !waits(board)) {
    for (let piece = at.takePiece(board); piece >= 0; piece = at.takePiece(board)) {
      obey(Atomics.load(board, at.orders + thread));
      const read = (/** @type {number} */ word) => Atomics.load(board, word);
      const from = piece * read(at.grain);
      const args = Array.from(values.subarray(0, read(at.argumentCount)));
      if (read(at.scratchStride) > 0) args.push(read(at.scratch) + thread * read(at.scratchStride));
      const kernel = families[read(at.family)]?.[read(at.kernel)];
      kernel(...args, from, Math.min(from + read(at.grain), read(at.units)));
      Atomics.add(board, at.done, 1);
    }
    let spin = 0;
    while (Atomics.load(board, at.generation) === seen && spin < at.spins) spin++;
    if (spin === at.spins) {
      Atomics.add(board, at.sleeping, 1);
      Atomics.wait(board, at.generation, seen);
      Atomics.sub(board, at.sleeping, 1);
    }
    // Read first: what is sent after this raises it again.
    seen = Atomics.load(board, at.generation);
  }
}

/** @param {number} order */
function obey(order) {
  if (order === at.order.throw) throw new Error("quarkgrad worker: told to throw");
  if (order === at.order.exit) globalThis.process.exit(1);
  while (order === at.order.hang);
}

/**
 * @param {Int32Array} board
 * @param {number} thread
 */
function fail(board, thread) {
  Atomics.compareExchange(board, at.failed, 0, thread);
}
