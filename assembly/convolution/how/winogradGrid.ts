/**
 * The tiles of a block of equal images, or of a band of one image.
 *
 *   ┌────┬────┬──┐   A map of 14 is 4 + 4 + 4 + 2: full tiles of F(4×4) and, where one or two pixels remain, tiles of F(2) along the
 *   │    │    │ e│   edge. (Three remaining pixels are a full tile that hangs over.) The points of F(2), 0, ±a and ∞, are four of
 *   ├────┼────┼──┤   the six of F(4), 0, ±a, ±b and ∞, so both take the same transformed filters, and an edge tile has no
 *   │    │    │ e│   part in the planes of ±b:
 *   ├────┼────┼──┤
 *   │ e  │ e  │ c│                              column 0 ±a ∞                            column ±b
 *   └────┴────┴──┘     row 0 ±a ∞    full, edge column, edge row, corner         full, edge row
 *                      row ±b        full, edge column                           full
 *
 * Tiles lie in this order in each plane, image by image and row by row in each kind, so that only the edge row has two places: in the planes of
 * column ±b it moves up by the edge column's tiles.
 */
@unmanaged
export class Grid {
  images: usize = 0;
  /** Rows and columns of full tiles of an image. */
  rows: usize = 0;
  columns: usize = 0;
  /** 1: there is a row, or a column, of edge tiles. */
  edgeRow: usize = 0;
  edgeColumn: usize = 0;

  /** Tiles that have a part in plane 6 · row + column. */
  @inline
  tilesAt(row: usize, column: usize): usize {
    return this.images * (this.rows + (isShared(row) ? this.edgeRow : 0)) * (this.columns + (isShared(column) ? this.edgeColumn : 0));
  }

  /** All tiles. */
  @inline
  get tiles(): usize {
    return this.images * (this.rows + this.edgeRow) * (this.columns + this.edgeColumn);
  }

  @inline
  full(image: usize, row: usize, column: usize): usize {
    return (image * this.rows + row) * this.columns + column;
  }

  @inline
  inEdgeColumn(image: usize, row: usize): usize {
    return this.images * this.rows * this.columns + image * this.rows + row;
  }

  /** Of the edge row, in planes of column 0, ±a and ∞. */
  @inline
  inEdgeRow(image: usize, column: usize): usize {
    return this.images * this.rows * (this.columns + this.edgeColumn) + image * this.columns + column;
  }

  /** How far its tiles move up in planes of column ±b. */
  @inline
  get edgeRowShift(): usize {
    return this.images * this.rows * this.edgeColumn;
  }

  @inline
  corner(image: usize): usize {
    return this.images * (this.rows * (this.columns + this.edgeColumn) + this.columns) + image;
  }
}

/** Describes `images` images, each with the tile rows [band, band + rows) of a map of `height` × `width`, as far as it has them. */
export function layGrid(grid: Grid, images: i32, height: i32, width: i32, band: i32, rows: i32): void {
  const last = min(band + rows, fullTiles(height) + edgeTiles(height));
  const full = min(last, fullTiles(height));
  grid.images = images;
  grid.rows = max(0, full - band);
  grid.columns = fullTiles(width);
  grid.edgeRow = last > full ? 1 : 0;
  grid.edgeColumn = edgeTiles(width);
}

/** Whether F(2) has this point of F(4), too. */
// @ts-ignore: decorator
@inline
function isShared(point: usize): bool {
  return point < 3 || point == 5;
}

/** Pixels of `size` that full tiles cover: all but a remainder of one or two. */
// @ts-ignore: decorator
@inline
export function fullTiles(size: i32): i32 {
  return (size + 1) >> 2;
}

/** 1 where one or two pixels remain. */
// @ts-ignore: decorator
@inline
export function edgeTiles(size: i32): i32 {
  const rest = size & 3;
  return rest == 1 || rest == 2 ? 1 : 0;
}

/** Tiles across or down. */
// @ts-ignore: decorator
@inline
export function tilesAlong(size: i32): i32 {
  return (size + 3) >> 2;
}

/** What a thread's scratch begins with: the grid, and the 36 vectors between the two passes of a transform. */
// @ts-ignore: decorator
@inline
export const gridBytes: usize = 64;
// @ts-ignore: decorator
@inline
export const transformBytes: usize = 576;

/**
 * The distance of two planes of `floats`: an odd multiple of 64 bytes. A transform touches the same place of 36 planes. Were their distance a
 * multiple of 4096 bytes, all would fall into one set of the L1 cache, and the transform would take five times as long.
 */
// @ts-ignore: decorator
@inline
export function planeBytes(floats: usize): usize {
  return (((floats << 2) + 127) & ~127) + 64;
}
