/**
 * The two matrix products of Winograd's convolution, one for each of the 36 points x of the transform.
 *
 *   products       M[x][t][o] = Σc V[x][t][c] · U[x][c][o]          t tile, c input channel, o output channel
 *   productsGrad   dU[x][c][o] = Σt V[x][t][c] · dM[x][t][o]
 *
 *   V        [36][T/4][C/4][4 tiles][4 channels]        planes of `planeBytes(T·C)`, see winogradTiles.ts
 *   U, dU    [36][O/8][C][8 channels]
 *   M, dM    [36][O/8][T][8 channels]
 *
 * Order: point; panel of eight outputs, which stays in L1; four tiles (or four channels); the sum innermost. The register tile is
 * 4 × 8: eight accumulators, four splats and two vectors are fourteen, and V8 has fifteen registers counting one for the
 * product. It hoists the loads of a basic block to its head, so a second step written straight behind the first spills; the exit test
 * between two steps prevents that. There are four, one for each member of a group of V, since the last has to step to the next group.
 *
 * Addresses are a matter of measurement: sums of a pointer in `products` (offsets inside the instruction took 2 % more), four pointers
 * in `productsGrad` (offsets took 4 % more, sums 8 %). Rows of V that were not grouped, with a pointer each, took 13 % more.
 *
 * The sums run over c and over t in order, whatever block a tile is in: a tile gets the same bits in any batch.
 */
import { madd } from "../../how/simd";

/** M = V·U for `rows` tiles, a multiple of 4, and `panels` panels of eight outputs. */
export function products(
  v: usize, u: usize, m: usize,
  rows: usize, channels: usize, panels: usize,
  vPlane: usize, uPlane: usize, mPlane: usize,
): void {
  const vGroup = channels << 4;
  const panelBytes = channels << 5;
  for (let point = 0; point < 36; point++) {
    for (let panel: usize = 0; panel < panels; panel++) {
      let out = m + ((panel * rows) << 5);
      let group = v;
      for (let t: usize = 0; t < rows; t += 4) {
        let x = group;
        let w = u + panel * panelBytes;
        const end = w + panelBytes;
        let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0);
        let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c30 = f32x4.splat(0), c31 = f32x4.splat(0);
        while (true) {
          {
            const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x + 16), a2 = v128.load32_splat(x + 32), a3 = v128.load32_splat(x + 48);
            const b0 = v128.load(w), b1 = v128.load(w, 16);
            c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10); c20 = madd(a2, b0, c20); c30 = madd(a3, b0, c30);
            c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c21 = madd(a2, b1, c21); c31 = madd(a3, b1, c31);
          }
          w += 32; x += 4;
          if (w == end) break;
          {
            const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x + 16), a2 = v128.load32_splat(x + 32), a3 = v128.load32_splat(x + 48);
            const b0 = v128.load(w), b1 = v128.load(w, 16);
            c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10); c20 = madd(a2, b0, c20); c30 = madd(a3, b0, c30);
            c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c21 = madd(a2, b1, c21); c31 = madd(a3, b1, c31);
          }
          w += 32; x += 4;
          if (w == end) break;
          {
            const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x + 16), a2 = v128.load32_splat(x + 32), a3 = v128.load32_splat(x + 48);
            const b0 = v128.load(w), b1 = v128.load(w, 16);
            c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10); c20 = madd(a2, b0, c20); c30 = madd(a3, b0, c30);
            c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c21 = madd(a2, b1, c21); c31 = madd(a3, b1, c31);
          }
          w += 32; x += 4;
          if (w == end) break;
          {
            const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x + 16), a2 = v128.load32_splat(x + 32), a3 = v128.load32_splat(x + 48);
            const b0 = v128.load(w), b1 = v128.load(w, 16);
            c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10); c20 = madd(a2, b0, c20); c30 = madd(a3, b0, c30);
            c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c21 = madd(a2, b1, c21); c31 = madd(a3, b1, c31);
          }
          w += 32; x += 52;
          if (w == end) break;
        }
        v128.store(out, c00); v128.store(out, c01, 16);
        v128.store(out, c10, 32); v128.store(out, c11, 48);
        v128.store(out, c20, 64); v128.store(out, c21, 80);
        v128.store(out, c30, 96); v128.store(out, c31, 112);
        out += 128;
        group += vGroup;
      }
    }
    v += vPlane;
    u += uPlane;
    m += mPlane;
  }
}


/**
 * dU (+)= Vᵀ·dM over `tiles` tiles, for `panels` panels of eight outputs. The sum of a block is taken in
 * registers and then added to what earlier blocks left, unless `first` is set: two levels lose fewer digits than one long sum.
 */
export function productsGrad(
  v: usize, dM: usize, dU: usize,
  tiles: usize, channels: usize, panels: usize,
  vPlane: usize, mPlane: usize, uPlane: usize, first: bool,
): void {
  const next = (channels << 4) - 48;
  for (let point = 0; point < 36; point++) {
    for (let panel: usize = 0; panel < panels; panel++) {
      const column = dM + ((panel * tiles) << 5);
      const end = column + (tiles << 5);
      let out = dU + ((panel * channels) << 5);
      for (let c: usize = 0; c < channels; c += 4) {
        let x = v + (c << 4), x1 = x + 4, x2 = x + 8, x3 = x + 12;
        let w = column;
        let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0);
        let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c30 = f32x4.splat(0), c31 = f32x4.splat(0);
        while (true) {
          {
            const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x1), a2 = v128.load32_splat(x2), a3 = v128.load32_splat(x3);
            const b0 = v128.load(w), b1 = v128.load(w, 16);
            c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10); c20 = madd(a2, b0, c20); c30 = madd(a3, b0, c30);
            c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c21 = madd(a2, b1, c21); c31 = madd(a3, b1, c31);
          }
          w += 32; x += 16; x1 += 16; x2 += 16; x3 += 16;
          if (w == end) break;
          {
            const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x1), a2 = v128.load32_splat(x2), a3 = v128.load32_splat(x3);
            const b0 = v128.load(w), b1 = v128.load(w, 16);
            c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10); c20 = madd(a2, b0, c20); c30 = madd(a3, b0, c30);
            c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c21 = madd(a2, b1, c21); c31 = madd(a3, b1, c31);
          }
          w += 32; x += 16; x1 += 16; x2 += 16; x3 += 16;
          if (w == end) break;
          {
            const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x1), a2 = v128.load32_splat(x2), a3 = v128.load32_splat(x3);
            const b0 = v128.load(w), b1 = v128.load(w, 16);
            c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10); c20 = madd(a2, b0, c20); c30 = madd(a3, b0, c30);
            c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c21 = madd(a2, b1, c21); c31 = madd(a3, b1, c31);
          }
          w += 32; x += 16; x1 += 16; x2 += 16; x3 += 16;
          if (w == end) break;
          {
            const a0 = v128.load32_splat(x), a1 = v128.load32_splat(x1), a2 = v128.load32_splat(x2), a3 = v128.load32_splat(x3);
            const b0 = v128.load(w), b1 = v128.load(w, 16);
            c00 = madd(a0, b0, c00); c10 = madd(a1, b0, c10); c20 = madd(a2, b0, c20); c30 = madd(a3, b0, c30);
            c01 = madd(a0, b1, c01); c11 = madd(a1, b1, c11); c21 = madd(a2, b1, c21); c31 = madd(a3, b1, c31);
          }
          w += 32; x += next; x1 += next; x2 += next; x3 += next;
          if (w == end) break;
        }
        if (!first) {
          c00 = f32x4.add(v128.load(out), c00); c01 = f32x4.add(v128.load(out, 16), c01);
          c10 = f32x4.add(v128.load(out, 32), c10); c11 = f32x4.add(v128.load(out, 48), c11);
          c20 = f32x4.add(v128.load(out, 64), c20); c21 = f32x4.add(v128.load(out, 80), c21);
          c30 = f32x4.add(v128.load(out, 96), c30); c31 = f32x4.add(v128.load(out, 112), c31);
        }
        v128.store(out, c00); v128.store(out, c01, 16);
        v128.store(out, c10, 32); v128.store(out, c11, 48);
        v128.store(out, c20, 64); v128.store(out, c21, 80);
        v128.store(out, c30, 96); v128.store(out, c31, 112);
        out += 128;
      }
    }
    v += vPlane;
    dM += mPlane;
    dU += uPlane;
  }
}
