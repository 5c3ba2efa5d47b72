/** Which places of an image a score needs, found by covering them. */
import { dims4 } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { ShapeError } from "../../errors.ts";
import type { Module } from "../../nn/module.ts";
import { scoresOf, type Target, tensorOf } from "./scores.ts";

export interface OcclusionOptions {
  /** The side of the square that is covered; 4 by default. */
  readonly window?: number;
  /** How far the square moves each time; half of its side by default, at least 1. The last one ends at the edge. */
  readonly stride?: number;
  /** What all channels under the square are set to; 0 by default. */
  readonly value?: number;
}

/**
 * For each pixel the loss of score where it is covered, the mean over all squares that cover it (Zeiler and Fergus,
 * 2013): [N, C, H, W] → [N, H, W]. It runs the model once for each place of the square.
 *
 * @throws ShapeError where the input is no image, the square is greater than it, or steps over pixels.
 */
export function occlusion(
  model: Module,
  input: Tensor,
  target: Target,
  { window = 4, stride = Math.max(1, Math.floor(window / 2)), value = 0 }: OcclusionOptions = {},
): Tensor {
  const [count, channels, height, width] = dims4("occlusion", "input", input.shape, "N, C, H, W");
  if (!(Number.isInteger(window) && window >= 1 && window <= Math.min(height, width))) {
    throw new ShapeError(
      `occlusion: a window of ${window} does not fit ${height}×${width}; use a smaller whole number`,
    );
  }
  if (!(Number.isInteger(stride) && stride >= 1 && stride <= window)) {
    throw new ShapeError(`occlusion: stride ${stride} must be a whole number from 1 to the window, ${window}`);
  }
  const whole = scoresOf("occlusion", model, input, target);
  const area = height * width;
  const losses = new Float64Array(count * area);
  const covers = new Float64Array(area);
  for (const top of placesAlong(height, window, stride)) {
    for (const left of placesAlong(width, window, stride)) {
      const rows = Array.from({ length: window }, (_, row) => (top + row) * width + left);
      using copy = tensorOf(input.shape, input.data.slice());
      for (let plane = 0; plane < count * channels; plane++) {
        for (const row of rows) copy.data.fill(value, plane * area + row, plane * area + row + window);
      }
      const scores = scoresOf("occlusion", model, copy, target);
      for (const row of rows) {
        for (let at = row; at < row + window; at++) {
          covers[at]!++;
          for (let image = 0; image < count; image++) losses[image * area + at]! += whole[image]! - scores[image]!;
        }
      }
    }
  }
  return tensorOf(
    [count, height, width],
    losses.map((sum, index) => sum / covers[index % area]!),
  );
}

/** Where windows begin along a side, so that each pixel is covered. */
function placesAlong(size: number, window: number, stride: number): number[] {
  const places: number[] = [];
  for (let place = 0; place < size - window; place += stride) places.push(place);
  return [...places, size - window];
}
