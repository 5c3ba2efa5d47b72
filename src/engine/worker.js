/** What a worker thread runs: it waits for jobs on the board and computes pieces of them until it is told to stop. */
import * as at from "./board.js";

/** @typedef {{ thread: number, module: WebAssembly.Module, memory: WebAssembly.Memory, board: Int32Array, values: Float64Array }} Start */

/** Node's own module, where this is Node; elsewhere the worker's global scope has the same means. */
const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");

if (node?.parentPort) node.parentPort.once("message", start);
else globalThis.onmessage = ({ data }) => start(data);

/** @param {Start} message */
function start({ thread, module, memory, board, values }) {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = Object.values(exports);
  globalThis.process?.on?.("exit", () => fail(board, thread));
  Atomics.add(board, at.ready, 1);
  if (node?.parentPort) node.parentPort.postMessage("ready");
  else globalThis.postMessage("ready");
  try {
    work(thread, kernels, board, values);
  } catch (error) {
    fail(board, thread);
    throw error;
  }
}

/**
 * @param {number} thread
 * @param {readonly any[]} kernels
 * @param {Int32Array} board
 * @param {Float64Array} values
 */
function work(thread, kernels, board, values) {
  let seen = Atomics.load(board, at.generation);
  for (;;) {
    for (let piece = at.takePiece(board); piece >= 0; piece = at.takePiece(board)) {
      obey(Atomics.load(board, at.orders + thread));
      const read = (/** @type {number} */ word) => Atomics.load(board, word);
      const from = piece * read(at.grain);
      const args = Array.from(values.subarray(0, read(at.argumentCount)));
      if (read(at.scratchStride) > 0) args.push(read(at.scratch) + thread * read(at.scratchStride));
      kernels[read(at.kernel)](...args, from, Math.min(from + read(at.grain), read(at.units)));
      Atomics.add(board, at.done, 1);
    }
    let spin = 0;
    while (Atomics.load(board, at.generation) === seen && spin < at.spins) spin++;
    if (spin === at.spins) {
      Atomics.add(board, at.sleeping, 1);
      Atomics.wait(board, at.generation, seen);
      Atomics.sub(board, at.sleeping, 1);
    }
    seen = Atomics.load(board, at.generation);
    if (Atomics.load(board, at.orders + thread) === at.order.stop) return;
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
