/**
 * The job board: the words of a shared Int32Array through which the calling thread and its workers talk. A job is a kernel, its
 * arguments and a number of pieces; whoever takes a piece lowers `remaining` by one.
 *
 *   1. the caller writes the job and sets `done` to 0, then `remaining` to the number of pieces, raises `generation`, and
 *      notifies workers that sleep
 *   2. everyone takes pieces: remaining r → r − 1 by compare-and-exchange, and the piece taken is r − 1
 *   3. after each piece `done` is raised; the job ends when it equals the number of pieces
 *
 * The job is read only after a piece of it was taken. Since the caller waits for that piece, the job cannot change
 * meanwhile, so a worker that wakes late can neither mix two jobs nor touch one that has ended.
 */

/** Raised with each job; idle workers sleep on it. */
export const generation = 0;
export const remaining = 1;
export const done = 2;
/** How many workers sleep, so that the caller notifies only if someone does. */
export const sleeping = 3;
/** The number of the kernel's family, and its index among what the family's module exports. */
export const family = 4;
export const kernel = 5;
export const argumentCount = 6;
export const units = 7;
export const grain = 8;
/** The address of the first thread's scratch, and the bytes to the next; a stride of 0 means none is passed. */
export const scratch = 9;
export const scratchStride = 10;
/** The number of a worker that cannot go on; the caller is number 0. */
export const failed = 11;
/** How many families the workers have been sent. A worker that has fewer goes and reads its messages. */
export const sent = 12;
export const maxThreads = 16;
/** Orders to worker t stand at `orders + t`. */
export const orders = 13;
/** How many families worker t has stands at `families + t`. */
export const families = orders + maxThreads;
export const words = families + maxThreads;

/** What `orders` may hold. The last three let a test see what happens when a worker fails within a piece. */
export const order = { work: 0, stop: 1, throw: 2, exit: 3, hang: 4 };

/** The most arguments of a kernel; they stand as float64 in an array of their own. */
export const maxArguments = 32;

/** How often an idle worker looks for a job before it sleeps: about 300 µs. */
export const spins = 20000;

/**
 * Takes a piece of the present job.
 * @param {Int32Array} board
 * @returns {number} the piece, or −1 where none is left
 */
export function takePiece(board) {
  for (;;) {
    const left = Atomics.load(board, remaining);
    if (left <= 0) return -1;
    if (Atomics.compareExchange(board, remaining, left, left - 1) === left) return left - 1;
  }
}
