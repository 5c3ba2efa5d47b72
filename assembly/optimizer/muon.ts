import { madd } from "../how/simd";
import { averaged } from "./how/descent";

/**
 * What Muon does element by element; the matrix products between are `matmul`'s:
 *
 *     m = momentum·m + (1 − momentum)·g
 *     x = nesterov ? (1 − momentum)·g + momentum·m : m
 */
export function muonMomentum(
  grad: usize, average: usize, x: usize,
  momentum: f32, rest: f32, nesterov: i32,
  from: u32, to: u32,
): void {
  const end = <usize>to << 4;
  for (let at = <usize>from << 4; at < end; at += 16) {
    const g = v128.load(grad + at);
    const m = averaged(average + at, g, momentum, rest);
    v128.store(x + at, nesterov ? madd(m, f32x4.splat(momentum), f32x4.mul(g, f32x4.splat(rest))) : m);
  }
}

/** z = a·x + b·y, vectors [from, to). z may be x or y. */
export function weightedSum(x: usize, y: usize, z: usize, a: f32, b: f32, from: u32, to: u32): void {
  const end = <usize>to << 4;
  for (let at = <usize>from << 4; at < end; at += 16) {
    const scaled = f32x4.mul(v128.load(x + at), f32x4.splat(a));
    v128.store(z + at, madd(v128.load(y + at), f32x4.splat(b), scaled));
  }
}
