/**
 * The one-dimensional transforms of Winograd's F(4, 3): four outputs of a three-tap correlation from six products.
 *
 *   y = Aᵀ[(G g) ⊙ (Bᵀ d)]         d six inputs, g three taps, y four outputs
 *
 * They interpolate the product of two polynomials at six points: 0, ±a, ±b and ∞. The usual ±1 and ±2 have powers up to 8, and the
 * differences of large terms lose digits. With a = √½ and b = √2, whose product is 1, no coefficient exceeds 2√2 and the error is
 * about half (docs/guide/accuracy.md has the figures) at the price of a few multiplications.
 *
 *        ⎡ 1   0  −5/2   0   1  0 ⎤        ⎡  1      0     0  ⎤         ⎡ 1  1   1   1   1  0 ⎤
 *        ⎢ 0  −2a  −2    a   1  0 ⎥        ⎢ −2/3  −2a/3 −1/3 ⎥   Aᵀ =  ⎢ 0  a  −a   b  −b  0 ⎥
 *   Bᵀ = ⎢ 0   2a  −2   −a   1  0 ⎥    G = ⎢ −2/3   2a/3 −1/3 ⎥         ⎢ 0  ½   ½   2   2  0 ⎥
 *        ⎢ 0 −b/2  −½    b   1  0 ⎥        ⎢  1/6   b/6   1/3 ⎥         ⎣ 0 a/2 −a/2 2b −2b 1 ⎦
 *        ⎢ 0  b/2  −½   −b   1  0 ⎥        ⎢  1/6  −b/6   1/3 ⎥
 *        ⎣ 0   1   0  −5/2   0  1 ⎦        ⎣  0      0     1  ⎦
 *
 * A tile of two outputs takes F(2, 3) at 0, ±a and ∞. It shares G's rows of these points with F(4, 3), so that filters are transformed once.
 * Interpolation at four points wants other factors than at six: 1/2a² = 1 in place of −2/3 for ±a. What G lacks, −3/2, goes into Bᵀ:
 *
 *         ⎡ 1    0    −2   0 ⎤
 *   B₂ᵀ = ⎢ 0 −3a/2 −3/2   0 ⎥      A₂ᵀ = ⎡ 1  1   1  0 ⎤
 *         ⎢ 0  3a/2 −3/2   0 ⎥            ⎣ 0  a  −a  1 ⎦
 *         ⎣ 0  −½     0    1 ⎦
 *
 * Each function reads vectors of four independent channels at `from`, `from + step`, … and writes at `to`, `to + stride`, …; over the
 * columns of a tile and then over its rows they make a two-dimensional transform. The points of F(2) keep the places that they have in F(4): ∞ is
 * the sixth. What belongs to ±b goes to `toB + 3·stride` and behind. Six loads, the constants and what lies
 * between stay within fifteen registers; two of them in one basic block would not, so callers call them in a loop.
 */

import { constant, half } from "../../how/math";

// @ts-ignore: decorator
@inline
const pointA: f32 = 0.70710678;
// @ts-ignore: decorator
@inline
const pointB: f32 = 1.41421356;

/**
 * The constants of the transforms of tiles, in memory: see math.ts. What Node 20 loses by more loads (2 % of a weight gradient) is a fifth of
 * what Node 24 gains. Filters, of which there are few, are transformed with constants in the code.
 */
export const two = memory.data<f32>([2]);
const minusThreeHalves = memory.data<f32>([-1.5]);
const minusThreeHalvesA = memory.data<f32>([-1.06066017]);
const fiveHalves = memory.data<f32>([2.5]);
export const placeA = memory.data<f32>([0.70710678]);
export const placeB = memory.data<f32>([1.41421356]);

/** Bᵀd: six inputs to six. */
// @ts-ignore: decorator
@inline
export function transformInput(from: usize, step: usize, to: usize, toB: usize, stride: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + step);
  const d2 = v128.load(from + 2 * step);
  const d3 = v128.load(from + 3 * step);
  const d4 = v128.load(from + 4 * step);
  const d5 = v128.load(from + 5 * step);
  const evenA = f32x4.sub(d4, f32x4.mul(constant(two), d2));
  const oddA = f32x4.mul(constant(placeA), f32x4.sub(d3, f32x4.mul(constant(two), d1)));
  const evenB = f32x4.sub(d4, f32x4.mul(constant(half), d2));
  const oddB = f32x4.mul(constant(placeB), f32x4.sub(d3, f32x4.mul(constant(half), d1)));
  const sum = constant(fiveHalves);
  v128.store(to, f32x4.add(f32x4.sub(d0, f32x4.mul(sum, d2)), d4));
  v128.store(to + stride, f32x4.add(evenA, oddA));
  v128.store(to + 2 * stride, f32x4.sub(evenA, oddA));
  v128.store(toB + 3 * stride, f32x4.add(evenB, oddB));
  v128.store(toB + 4 * stride, f32x4.sub(evenB, oddB));
  v128.store(to + 5 * stride, f32x4.add(f32x4.sub(d1, f32x4.mul(sum, d3)), d5));
}

/** B₂ᵀd: four inputs to four. */
// @ts-ignore: decorator
@inline
export function transformInput2(from: usize, step: usize, to: usize, stride: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + step);
  const d2 = v128.load(from + 2 * step);
  const d3 = v128.load(from + 3 * step);
  const even = f32x4.mul(constant(minusThreeHalves), d2);
  const odd = f32x4.mul(constant(minusThreeHalvesA), d1);
  v128.store(to, f32x4.sub(d0, f32x4.mul(constant(two), d2)));
  v128.store(to + stride, f32x4.add(even, odd));
  v128.store(to + 2 * stride, f32x4.sub(even, odd));
  v128.store(to + 5 * stride, f32x4.sub(d3, f32x4.mul(constant(half), d1)));
}

/** Aᵀm: six products to four outputs. */
// @ts-ignore: decorator
@inline
export function transformOutput(from: usize, step: usize, to: usize, stride: usize): void {
  const m0 = v128.load(from);
  const m1 = v128.load(from + step);
  const m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step);
  const m4 = v128.load(from + 4 * step);
  const m5 = v128.load(from + 5 * step);
  const evenA = f32x4.add(m1, m2);
  const oddA = f32x4.mul(constant(placeA), f32x4.sub(m1, m2));
  const evenB = f32x4.add(m3, m4);
  const oddB = f32x4.mul(constant(placeB), f32x4.sub(m3, m4));
  const middle = constant(half);
  const double = constant(two);
  v128.store(to, f32x4.add(f32x4.add(m0, evenA), evenB));
  v128.store(to + stride, f32x4.add(oddA, oddB));
  v128.store(to + 2 * stride, f32x4.add(f32x4.mul(middle, evenA), f32x4.mul(double, evenB)));
  v128.store(to + 3 * stride, f32x4.add(f32x4.add(f32x4.mul(middle, oddA), f32x4.mul(double, oddB)), m5));
}

/** A₂ᵀm: four products to two outputs. The last product lies at `last`. */
// @ts-ignore: decorator
@inline
export function transformOutput2(from: usize, step: usize, last: usize, to: usize, stride: usize): void {
  const m0 = v128.load(from);
  const m1 = v128.load(from + step);
  const m2 = v128.load(from + 2 * step);
  v128.store(to, f32x4.add(m0, f32x4.add(m1, m2)));
  v128.store(to + stride, f32x4.add(f32x4.mul(constant(placeA), f32x4.sub(m1, m2)), v128.load(last)));
}

/** A x: the transpose of `transformOutput`, four pixels to six points. */
// @ts-ignore: decorator
@inline
export function transformPixels(from: usize, step: usize, to: usize, toB: usize, stride: usize): void {
  const y0 = v128.load(from);
  const y1 = v128.load(from + step);
  const y2 = v128.load(from + 2 * step);
  const y3 = v128.load(from + 3 * step);
  const middle = constant(half);
  const double = constant(two);
  const evenA = f32x4.add(y0, f32x4.mul(middle, y2));
  const oddA = f32x4.mul(constant(placeA), f32x4.add(y1, f32x4.mul(middle, y3)));
  const evenB = f32x4.add(y0, f32x4.mul(double, y2));
  const oddB = f32x4.mul(constant(placeB), f32x4.add(y1, f32x4.mul(double, y3)));
  v128.store(to, y0);
  v128.store(to + stride, f32x4.add(evenA, oddA));
  v128.store(to + 2 * stride, f32x4.sub(evenA, oddA));
  v128.store(toB + 3 * stride, f32x4.add(evenB, oddB));
  v128.store(toB + 4 * stride, f32x4.sub(evenB, oddB));
  v128.store(to + 5 * stride, y3);
}

/** A₂x: two pixels to four points. */
// @ts-ignore: decorator
@inline
export function transformPixels2(from: usize, step: usize, to: usize, stride: usize): void {
  const y0 = v128.load(from);
  const y1 = v128.load(from + step);
  const odd = f32x4.mul(constant(placeA), y1);
  v128.store(to, y0);
  v128.store(to + stride, f32x4.add(y0, odd));
  v128.store(to + 2 * stride, f32x4.sub(y0, odd));
  v128.store(to + 5 * stride, y1);
}

/** G g: three taps to six. */
// @ts-ignore: decorator
@inline
export function transformWeight(from: usize, step: usize, to: usize, stride: usize): void {
  const g0 = v128.load(from);
  const g1 = v128.load(from + step);
  const g2 = v128.load(from + 2 * step);
  const third = f32x4.splat(1.0 / 3.0);
  const evenA = f32x4.sub(f32x4.mul(f32x4.splat(-2.0 / 3.0), g0), f32x4.mul(third, g2));
  const oddA = f32x4.mul(f32x4.splat((-2.0 / 3.0) * pointA), g1);
  const evenB = f32x4.add(f32x4.mul(f32x4.splat(1.0 / 6.0), g0), f32x4.mul(third, g2));
  const oddB = f32x4.mul(f32x4.splat((1.0 / 6.0) * pointB), g1);
  v128.store(to, g0);
  v128.store(to + stride, f32x4.add(evenA, oddA));
  v128.store(to + 2 * stride, f32x4.sub(evenA, oddA));
  v128.store(to + 3 * stride, f32x4.add(evenB, oddB));
  v128.store(to + 4 * stride, f32x4.sub(evenB, oddB));
  v128.store(to + 5 * stride, g2);
}

/** Gᵀu: the transpose of `transformWeight`, six gradients to those of three taps. */
// @ts-ignore: decorator
@inline
export function transformWeightGrad(from: usize, step: usize, to: usize, stride: usize): void {
  const u0 = v128.load(from);
  const u1 = v128.load(from + step);
  const u2 = v128.load(from + 2 * step);
  const u3 = v128.load(from + 3 * step);
  const u4 = v128.load(from + 4 * step);
  const u5 = v128.load(from + 5 * step);
  const evenA = f32x4.add(u1, u2);
  const oddA = f32x4.sub(u1, u2);
  const evenB = f32x4.add(u3, u4);
  const oddB = f32x4.sub(u3, u4);
  const third = f32x4.splat(1.0 / 3.0);
  const outer = f32x4.add(f32x4.mul(f32x4.splat(-2.0 / 3.0), evenA), f32x4.mul(f32x4.splat(1.0 / 6.0), evenB));
  v128.store(to, f32x4.add(u0, outer));
  v128.store(
    to + stride,
    f32x4.add(f32x4.mul(f32x4.splat((-2.0 / 3.0) * pointA), oddA), f32x4.mul(f32x4.splat((1.0 / 6.0) * pointB), oddB)),
  );
  v128.store(to + 2 * stride, f32x4.add(f32x4.mul(third, f32x4.sub(evenB, evenA)), u5));
}
