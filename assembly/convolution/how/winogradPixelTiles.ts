/**
 * A x Aᵀ: the pixels of an image in Winograd's domain, as the other factor of the weight gradient. It is the transpose of the output
 * transform, and each pixel belongs to one tile alone.
 *
 *   A   [36][C/16][T][16 channels]     tiles in the order of winogradGrid.ts, panels as in winogradMatmul.ts
 */
import { Grid } from "./winogradGrid";
import { panelRow } from "./winogradMatmul";
import { transformPixels, transformPixels2 } from "./winogradTransforms";

/** The tiles of image number `n` of the block; a panel has room for `tiles`. Rows of `x` lie `rowBytes` apart, pixels `pixel`. */
export function pixelTiles(
  grid: Grid, n: usize, x: usize, rowBytes: usize, pixel: usize, a: usize, tiles: usize, channels: usize, plane: usize, scratch: usize,
): void {
  const rows = grid.rows, columns = grid.columns, edgeColumn = grid.edgeColumn;
  for (let r: usize = 0; r < rows; r++, x += rowBytes << 2) {
    let at = x;
    for (let c: usize = 0; c < columns; c++, at += pixel << 2) {
      pixelTile(at, rowBytes, pixel, a, grid.full(n, r, c), 0, tiles, channels, plane, scratch, false, false);
    }
    if (edgeColumn) pixelTile(at, rowBytes, pixel, a, grid.inEdgeColumn(n, r), 0, tiles, channels, plane, scratch, false, true);
  }
  if (!grid.edgeRow) return;
  const shift = grid.edgeRowShift;
  for (let c: usize = 0; c < columns; c++, x += pixel << 2) {
    pixelTile(x, rowBytes, pixel, a, grid.inEdgeRow(n, c), shift, tiles, channels, plane, scratch, true, false);
  }
  if (edgeColumn) pixelTile(x, rowBytes, pixel, a, grid.corner(n), 0, tiles, channels, plane, scratch, true, true);
}

// @ts-ignore: decorator
@inline
function pixelTile(
  x: usize, rowBytes: usize, pixel: usize, a: usize, tile: usize, shift: usize, tiles: usize, channels: usize, plane: usize, scratch: usize,
  edgeRow: bool, edgeColumn: bool,
): void {
  for (let c: usize = 0; c < channels; c += 4, x += 16) {
    const first = c & ~15, row = panelRow(channels - first);
    let from = x, out = a + ((first * tiles) << 2) + tile * row + ((c & 15) << 2);
    for (let at = scratch; at < scratch + (edgeColumn ? 32 : 64); at += 16, from += pixel) {
      if (edgeRow) transformPixels2(from, rowBytes, at, 64);
      else transformPixels(from, rowBytes, at, at, 64);
    }
    for (let at = scratch; at < scratch + 384; at += 64, out += 6 * plane) {
      if (edgeRow && at == scratch + 192) (at += 128), (out += 12 * plane);
      if (edgeColumn) transformPixels2(at, 16, out, plane);
      else transformPixels(at, 16, out, out - shift * row, plane);
    }
  }
}
