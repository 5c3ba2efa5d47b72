import { firstLanes, horizontalSum } from "./simd";

/**
 * The sum of `n` neighbouring numbers, by a tree that depends on n alone: four vectors of accumulators, which hide the latency of
 * an addition, are emptied into a total every 256 elements, which keeps chains of additions short.
 */
export function sumRun(x: usize, n: u32): f32 {
  let total = f32x4.splat(0);
  while (n >= 16) {
    const steps = min<u32>(n >> 4, 16);
    const end = x + ((<usize>steps) << 6);
    let a = v128.load(x);
    let b = v128.load(x, 16);
    let c = v128.load(x, 32);
    let d = v128.load(x, 48);
    for (x += 64; x < end; x += 64) {
      a = f32x4.add(a, v128.load(x));
      b = f32x4.add(b, v128.load(x, 16));
      c = f32x4.add(c, v128.load(x, 32));
      d = f32x4.add(d, v128.load(x, 48));
    }
    total = f32x4.add(total, f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
    n -= steps << 4;
  }
  for (; n >= 4; n -= 4, x += 16) total = f32x4.add(total, v128.load(x));
  if (n > 0) total = f32x4.add(total, v128.and(v128.load(x), firstLanes(n)));
  return horizontalSum(total);
}
