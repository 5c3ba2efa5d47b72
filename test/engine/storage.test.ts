import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { engine } from "../../src/engine/module.ts";
import { debugMemory, derived, memory, resetPeak, Storage, stands } from "../../src/engine/storage.ts";
import { scratchFor, scratchStride, workspaceFor } from "../../src/engine/workspace.ts";
import { MemoryError, QuarkError } from "../../src/errors.ts";
import { expectError } from "../helpers/particleChecks.ts";
import { suite } from "../helpers/suite.ts";

suite("storage", (test) => {
  test("is counted while it has an owner", () => {
    const before = memory();
    const block = new Storage(100, "block", [5, 5]);
    assert.is(block.ptr % 64, 0);
    assert.is(block.bytes, 128);
    assert.is(block.owners, 1);
    block.retain().retain();
    assert.is(block.owners, 3);
    block.release();
    block.release();
    assert.is(memory().liveBlocks, before.liveBlocks + 1);
    assert.is(memory().liveBytes, before.liveBytes + 128);
    block.release();
    assert.is(memory().liveBlocks, before.liveBlocks);
    expectError(() => block.release(), QuarkError, 'memory: the block of "block" was released twice');
  });

  test("of no bytes has an address of its own", () => {
    const [a, b] = [new Storage(0, "a", [0]), new Storage(0, "b", [0])];
    assert.is.not(a.ptr, b.ptr);
    a.release();
    b.release();
  });

  test("memory() tells the largest ten, the peak and the total", () => {
    const blocks = Array.from({ length: 12 }, (_, index) => new Storage(1000 * (index + 1), `block ${index}`, [index]));
    const { largest, liveBytes, totalBytes } = memory();
    assert.is(largest.length, 10);
    assert.equal(largest[0], { label: "block 11", shape: [11], bytes: 12032 });
    assert.ok(largest.every(({ bytes }, index) => index === 0 || bytes <= largest[index - 1]!.bytes));
    assert.is(totalBytes, engine().memory.buffer.byteLength);
    assert.ok(memory().peakBytes >= liveBytes);
    for (const block of blocks) block.release();
    assert.ok(memory().peakBytes >= liveBytes);
    resetPeak();
    assert.is(memory().peakBytes, memory().liveBytes);
  });

  test("derived values are computed once a change and end with the storage", () => {
    const before = memory();
    const block = new Storage(64, "weight", [16]);
    let fills = 0;
    const packed = (bytes = 64) =>
      derived(block, "packed", bytes, (ptr) => {
        fills++;
        new Float32Array(engine().memory.buffer, ptr, 1)[0] = fills;
      });
    const first = packed();
    assert.is(packed(), first);
    assert.is(fills, 1);
    block.version++;
    assert.is(packed(), first, "the same block is filled anew");
    assert.is(fills, 2);
    block.exposed();
    packed();
    assert.is(fills, 3, "whoever it was open to may have written into it");
    packed(1000);
    assert.is(fills, 4, "a larger block is filled");
    derived(block, "other", 64, () => {});
    assert.is(memory().liveBlocks, before.liveBlocks + 3);
    assert.ok(memory().largest.some(({ label }) => label === "weight (packed)"));
    block.release();
    assert.is(memory().liveBlocks, before.liveBlocks);
  });

  test("a storage stands until it may have changed, for each key", () => {
    const block = new Storage(64, "weight", [16]);
    assert.equal(
      [stands(block, "a"), stands(block, "a"), stands(block, "b"), stands(block, "a")],
      [false, true, false, true],
    );
    for (const change of [() => block.version++, () => block.exposed()]) {
      change();
      assert.equal([stands(block, "a"), stands(block, "a")], [false, true]);
    }
    block.release();
  });

  test("values derived by a kernel that fails are not taken for computed", () => {
    const block = new Storage(64, "weight", [16]);
    const fail = () => {
      throw new WebAssembly.RuntimeError("unreachable");
    };
    assert.throws(() => derived(block, "packed", 64, fail), /unreachable/);
    let filled = false;
    derived(block, "packed", 64, () => (filled = true));
    assert.ok(filled);
    block.release();
  });

  test("what cannot be had is refused with the largest holders, and everything works on", () => {
    const held = new Storage(3 * 2 ** 20, "conv1 output", [3, 512, 512]);
    const before = memory();
    let thrown: unknown;
    try {
      new Storage(2 ** 33, "huge", [2 ** 31]);
    } catch (error) {
      thrown = error;
    }
    assert.instance(thrown, MemoryError);
    assert.match(
      (thrown as Error).message,
      /^out of memory: 8192\.0 MiB wanted for huge \[2147483648\], \d+\.\d MiB live; largest: conv1 output \[3, 512, 512\] 3\.0 MiB.*; dispose what is no longer needed, or use a smaller batch$/,
    );
    assert.equal({ ...memory(), totalBytes: 0 }, { ...before, totalBytes: 0 });
    new Storage(64, "small", [16]).release();
    held.release();
  });

  test("debug mode cannot be switched on late, but twice", () => {
    new Storage(64, "first", []).release();
    debugMemory();
  });

  test("a memory that is really full gives a MemoryError, and the engine works on", () => {
    const script = fileURLToPath(new URL("fullMemory.ts", import.meta.url));
    const flags = ["--wasm-max-mem-pages=4096", "--import", "tsx"];
    assert.is(execFileSync(process.execPath, [...flags, script], { encoding: "utf8" }), "works on\n");
  });
});

suite("scratch", (test) => {
  test("is aligned, kept and no block", () => {
    const before = memory();
    assert.is(workspaceFor(0), 0);
    const first = workspaceFor(1000);
    assert.is(first % 64, 0);
    assert.is(workspaceFor(900), first);
    assert.is(memory().liveBlocks, before.liveBlocks);
    assert.is(memory().liveBytes, before.liveBytes);
  });

  test("shows where it is read before it is written", () => {
    const ptr = workspaceFor(256);
    const words = () => new Float32Array(engine().memory.buffer, ptr, 64);
    words().fill(1);
    workspaceFor(256);
    assert.ok(words().every(Number.isNaN));
  });

  test("of threads do not overlap", () => {
    for (const bytes of [1, 64, 4096, 5000]) {
      assert.ok(scratchStride(bytes) >= bytes + 64);
      assert.is(scratchStride(bytes) % 64, 0);
      assert.is.not(scratchStride(bytes) % 4096, 0);
    }
    assert.is(scratchFor(5000, 3) % 64, 0);
  });
});
