// Run by storage.test.ts with a limit on what WebAssembly may grow to: fills it, and shows that the engine works on.
import { backward, MemoryError, memory, relu, tensor, zeros } from "../../src/index.ts";

const held = Array.from({ length: 100 }, () => zeros([1000]));
const before = memory();
const large = [];
let thrown: unknown;
try {
  // A block that a view was handed out of stays where it is; others would move to the heap.
  for (;;) {
    large.push(zeros([2 ** 22]));
    large.at(-1)!.data.length;
  }
} catch (error) {
  thrown = error;
}
const { length } = large;
if (!(thrown instanceof MemoryError)) throw thrown;
if (length < 5) throw new Error(`only ${length} tensors of 16 MiB fit in ${memory().totalBytes} bytes`);
if (memory().liveBlocks !== before.liveBlocks + length) throw new Error("a block that was refused is counted");

// A result too large to compute leaves nothing behind either.
const x = large[0]!;
x.requiresGrad = true;
try {
  backward(relu(x), x);
  throw new Error("nothing was refused");
} catch (error) {
  if (!(error instanceof MemoryError)) throw error;
}
if (x.grad || memory().liveBlocks > before.liveBlocks + length) throw new Error("a failed op leaves blocks behind");

for (const one of large) one.dispose();
for (let turn = 0; turn < 3; turn++) for (const one of Array.from({ length }, () => zeros([2 ** 22]))) one.dispose();
const y = relu(tensor([-1, 2], { requiresGrad: true }));
if (y.toArray()?.toString() !== "0,2") throw new Error(`relu gives ${y}`);
if (held.some((one) => one.data.some((value) => value !== 0))) throw new Error("a tensor was overwritten");
console.log("works on");
