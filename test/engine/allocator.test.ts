import * as assert from "uvu/assert";
import { Allocator, alignment, roundUp, type Span } from "../../src/engine/allocator.ts";
import { DebugAllocator } from "../../src/engine/debugAllocator.ts";
import { QuarkError } from "../../src/errors.ts";
import { suite } from "../helpers/suite.ts";
import { randomIn } from "../helpers/values.ts";

const page = 65536;
const seed = Number(process.env.SEED ?? 1);

function allocatorOf(pages: number, maximum = pages, start = 1000) {
  const memory = new WebAssembly.Memory({ initial: pages, maximum });
  return { memory, allocator: new Allocator(memory, start) };
}

/** What must hold of the list of spans at any time. */
function checkSpans(allocator: Allocator, memory: WebAssembly.Memory, live: ReadonlySet<Span>, start = 1000): void {
  let end = roundUp(start);
  let free = false;
  let used = 0;
  for (const span of allocator.spans()) {
    if (span.ptr !== end)
      assert.unreachable(`a gap or an overlap: a span begins at ${span.ptr}, the one before ends at ${end}`);
    if (span.ptr % alignment !== 0 || span.bytes % alignment !== 0 || span.bytes <= 0) {
      assert.unreachable(`a span of ${span.bytes} bytes at ${span.ptr}`);
    }
    if (span.free && free) assert.unreachable(`two free neighbours meet at ${span.ptr}`);
    if (span.free === live.has(span as Span))
      assert.unreachable(`the span at ${span.ptr} is free and in use, or neither`);
    if (!span.free) used++;
    free = span.free;
    end = span.ptr + span.bytes;
  }
  assert.is(used, live.size);
  assert.is(end, memory.buffer.byteLength - alignment);
}

/** Sizes as they occur: many small, few large. */
function someSize(random: () => number, most: number): number {
  return Math.floor(2 ** (random() * Math.log2(most)));
}

suite("allocator", (test) => {
  test("agrees with a model over 200,000 random steps", () => {
    const { memory, allocator } = allocatorOf(64, 4096);
    const random = randomIn(seed);
    const live = new Map<Span, number>();
    const order: Span[] = [];
    let liveBytes = 0;
    for (let step = 0; step < 200_000; step++) {
      // The target of live bytes wanders, so that memory fills and empties.
      const target = (1 + Math.sin(step / 9000)) * 24 * page;
      if (order.length === 0 || (random() < 0.9 ? liveBytes < target : random() < 0.5)) {
        const bytes = someSize(random, 300_000);
        const span = allocator.allocate(bytes);
        if (!span) throw new Error(`step ${step}: refused ${bytes} bytes with ${liveBytes} live`);
        assert.ok(span.bytes >= bytes && span.bytes < bytes + 2 * alignment, `${span.bytes} bytes for ${bytes}`);
        assert.not(live.has(span), `step ${step}: a live span is handed out again`);
        live.set(span, span.bytes);
        liveBytes += span.bytes;
        order.push(span);
      } else {
        const index = Math.floor(random() * order.length);
        const span = order[index]!;
        order[index] = order.at(-1)!;
        order.pop();
        assert.is(span.bytes, live.get(span), "a live span changed its size");
        liveBytes -= span.bytes;
        live.delete(span);
        allocator.free(span);
      }
      if (step % 2000 === 0) checkSpans(allocator, memory, new Set(order));
    }
    for (const span of order.splice(0)) allocator.free(span);
    checkSpans(allocator, memory, new Set());
    assert.is([...allocator.spans()].length, 1, "all that was freed has merged");
  });

  test("no two blocks overlap: each keeps what was written to it", () => {
    const { memory, allocator } = allocatorOf(4, 1024);
    const random = randomIn(seed + 1);
    const live: { span: Span; tag: number }[] = [];
    const words = ({ ptr, bytes }: Span) => new Uint32Array(memory.buffer, ptr, bytes / 4);
    for (let step = 0; step < 20_000; step++) {
      if (live.length < 200 && random() < 0.55) {
        const span = allocator.allocate(someSize(random, 8000))!;
        words(span).fill(step);
        live.push({ span, tag: step });
      } else if (live.length > 0) {
        const [{ span, tag }] = live.splice(Math.floor(random() * live.length), 1) as [(typeof live)[0]];
        assert.ok(
          words(span).every((word) => word === tag),
          `step ${step}: the block of step ${tag} was overwritten`,
        );
        allocator.free(span);
      }
    }
  });

  test("starts behind the module's data and never hands out the last 64 bytes", () => {
    for (const start of [1, 63, 64, 65, 5000]) {
      const { memory, allocator } = allocatorOf(2, 2, start);
      let end = 0;
      for (let span = allocator.allocate(alignment); span; span = allocator.allocate(alignment)) {
        assert.ok(span.ptr >= start && span.ptr % alignment === 0);
        end = Math.max(end, span.ptr + span.bytes);
      }
      assert.is(end, memory.buffer.byteLength - alignment);
    }
  });

  test("a full memory refuses, works on, and gives the same block again once it is free", () => {
    const { memory, allocator } = allocatorOf(16);
    const live: Span[] = [];
    for (let span = allocator.allocate(10_000); span; span = allocator.allocate(10_000)) live.push(span);
    assert.ok(live.length > 90);
    assert.is(allocator.allocate(10_000), undefined);
    const inner = live.splice(40, 1)[0]!;
    const { ptr } = inner;
    allocator.free(inner);
    const again = allocator.allocate(10_000);
    assert.is(again?.ptr, ptr, "a block that was just freed is not found again");
    live.push(again!);
    checkSpans(allocator, memory, new Set(live));
  });

  test("finds every free block that is large enough when memory is full, whatever its size", () => {
    for (const units of [1, 2, 15, 16, 17, 31, 33, 47, 100, 157, 500, 1000]) {
      const { allocator } = allocatorOf(64);
      const live: Span[] = [];
      const bytes = units * alignment;
      for (let span = allocator.allocate(bytes); span; span = allocator.allocate(bytes)) live.push(span);
      for (let rest = allocator.allocate(alignment); rest; rest = allocator.allocate(alignment));
      const inner = live[Math.floor(live.length / 2)]!;
      const { ptr } = inner;
      allocator.free(inner);
      assert.is(allocator.allocate(bytes)?.ptr, ptr, `${units} units`);
    }
  });

  test("blocks of the same sizes, freed and taken again in other orders, do not make memory grow", () => {
    const { memory, allocator } = allocatorOf(16, 4096);
    const random = randomIn(seed + 2);
    const sizes = Array.from({ length: 60 }, () => someSize(random, 500_000));
    let pages = 0;
    for (let round = 0; round < 300; round++) {
      const spans = sizes.map((bytes) => allocator.allocate(bytes)!);
      for (let index = spans.length - 1; index > 0; index--) {
        const other = Math.floor(random() * (index + 1));
        [spans[index], spans[other]] = [spans[other]!, spans[index]!];
      }
      for (const span of spans) allocator.free(span);
      if (round === 10) pages = memory.buffer.byteLength;
    }
    assert.is(memory.buffer.byteLength, pages);
  });

  test("wastes at most half beside what is live", () => {
    const { memory, allocator } = allocatorOf(16, 32768);
    const random = randomIn(seed + 3);
    const live: Span[] = [];
    let liveBytes = 0;
    let peak = 0;
    for (let step = 0; step < 300_000; step++) {
      if (liveBytes < 400 * page && random() < 0.6) {
        const span = allocator.allocate(someSize(random, 1_000_000))!;
        live.push(span);
        liveBytes += span.bytes;
        peak = Math.max(peak, liveBytes);
      } else if (live.length > 0) {
        const index = Math.floor(random() * live.length);
        const span = live[index]!;
        live[index] = live.at(-1)!;
        live.pop();
        liveBytes -= span.bytes;
        allocator.free(span);
      }
    }
    let end = 0;
    for (const { ptr, bytes, free } of allocator.spans()) if (!free) end = ptr + bytes;
    // Memory doubles, so that its size says little: what counts is how far up blocks ever reached.
    const held = Math.min(memory.buffer.byteLength, Math.max(end, memory.buffer.byteLength / 2));
    assert.ok(held / peak <= 1.5, `${held} bytes held for ${peak} live at the peak`);
  });

  test("an exact fit at the end is found where doubling is refused", () => {
    const { memory, allocator } = allocatorOf(1, 20);
    const first = allocator.allocate(15 * page);
    assert.ok(first);
    assert.is(allocator.allocate(8 * page), undefined);
    assert.ok(allocator.allocate(4 * page));
    assert.ok(memory.buffer.byteLength <= 20 * page);
  });
});

suite("debug allocator", (test) => {
  const pattern = 0x7fbf8234;
  const make = () => {
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 64 });
    return { memory, allocator: new DebugAllocator(memory, 1000) };
  };
  const words = (memory: WebAssembly.Memory, ptr: number, bytes: number) =>
    new Int32Array(memory.buffer, ptr, bytes / 4);

  test("fresh and freed memory holds a NaN", () => {
    const { memory, allocator } = make();
    const span = allocator.allocate(200)!;
    assert.ok(words(memory, span.ptr, 256).every((word) => word === pattern));
    assert.ok(Number.isNaN(new Float32Array(memory.buffer, span.ptr, 1)[0]));
    words(memory, span.ptr, 256).fill(7);
    allocator.free(span);
    assert.ok(words(memory, span.ptr, 256).every((word) => word === pattern));
  });

  test("a write just outside is found, at once by a check and at the latest by the free", () => {
    for (const [offset, side, byte] of [
      [-4, "before", 60],
      [-64, "before", 0],
      [256, "behind", 0],
      [316, "behind", 60],
    ] as const) {
      const { memory, allocator } = make();
      const span = allocator.allocate(200)!;
      allocator.check();
      words(memory, span.ptr + offset, 4)[0]! += 1;
      const message = `memory: a kernel wrote ${side} the block of 256 bytes at ${span.ptr}: the canary's byte ${byte} was changed`;
      const right = (error: Error) => error instanceof QuarkError && error.message === message;
      assert.throws(() => allocator.check(), right);
      assert.throws(() => allocator.free(span), right);
    }
  });

  test("writes to the padding of a block are allowed", () => {
    const { memory, allocator } = make();
    const span = allocator.allocate(200)!;
    words(memory, span.ptr, 256).fill(1);
    allocator.check();
    allocator.free(span);
  });

  test("the last freed blocks are held back, but not when memory runs out", () => {
    const { allocator } = make();
    const first = allocator.allocate(1000)!;
    const { ptr } = first;
    allocator.free(first);
    assert.is.not(allocator.allocate(1000)!.ptr, ptr);
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 4 });
    const small = new DebugAllocator(memory, 64);
    for (let turn = 0; turn < 50; turn++) {
      const span = small.allocate(150_000);
      assert.ok(span, `turn ${turn}`);
      small.free(span);
    }
  });
});
