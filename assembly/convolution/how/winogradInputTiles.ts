/**
 * V = Bᵀ X B: the padded image X (winogradPad.ts) in Winograd's domain.
 *
 *   V   [36][T][C]      a plane for each of the 36 points, in it the tiles in the order of winogradGrid.ts, C channels side by side
 *
 * A tile's two-dimensional transform is a one-dimensional one over each of its columns, into 36 vectors of scratch, and then one over each row. An
 * edge tile has four columns or rows in place of six and leaves the points ±b out. Four channels at a time, so that 36 planes are written from
 * front to back while the tile stays in L1.
 */
import { Grid } from "./winogradGrid";
import { transformInput, transformInput2 } from "./winogradTransforms";

/** The tiles of image number `n` of the block. Rows of `x` lie `rowBytes` apart, pixels `pixel`. */
export function inputTiles(
  grid: Grid, n: usize, x: usize, rowBytes: usize, pixel: usize, v: usize, channels: usize, plane: usize, scratch: usize,
): void {
  const bytes = channels << 2;
  const rows = grid.rows, columns = grid.columns, edgeColumn = grid.edgeColumn;
  for (let r: usize = 0; r < rows; r++, x += rowBytes << 2) {
    let at = x;
    for (let c: usize = 0; c < columns; c++, at += pixel << 2) {
      inputTile(at, rowBytes, pixel, bytes, v + grid.full(n, r, c) * bytes, 0, plane, scratch, false, false);
    }
    if (edgeColumn) inputTile(at, rowBytes, pixel, bytes, v + grid.inEdgeColumn(n, r) * bytes, 0, plane, scratch, false, true);
  }
  if (!grid.edgeRow) return;
  const shift = grid.edgeRowShift * bytes;
  for (let c: usize = 0; c < columns; c++, x += pixel << 2) {
    inputTile(x, rowBytes, pixel, bytes, v + grid.inEdgeRow(n, c) * bytes, shift, plane, scratch, true, false);
  }
  if (edgeColumn) inputTile(x, rowBytes, pixel, bytes, v + grid.corner(n) * bytes, 0, plane, scratch, true, true);
}

// @ts-ignore: decorator
@inline
function inputTile(
  x: usize, rowBytes: usize, pixel: usize, channelBytes: usize, to: usize, shift: usize, plane: usize, scratch: usize,
  edgeRow: bool, edgeColumn: bool,
): void {
  for (const end = x + channelBytes; x < end; x += 16, to += 16) {
    let from = x;
    for (let at = scratch; at < scratch + (edgeColumn ? 64 : 96); at += 16, from += pixel) {
      if (edgeRow) transformInput2(from, rowBytes, at, 96);
      else transformInput(from, rowBytes, at, at, 96);
    }
    let out = to;
    for (let at = scratch; at < scratch + 576; at += 96, out += 6 * plane) {
      if (edgeRow && at == scratch + 288) (at += 192), (out += 12 * plane);
      if (edgeColumn) transformInput2(at, 16, out, plane);
      else transformInput(at, 16, out, out - shift, plane);
    }
  }
}
