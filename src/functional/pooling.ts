/** Averages over whole planes, and over as many equal windows as are asked for. */
import { dims4, show } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { ShapeError } from "../errors.ts";
import { avgPool2d } from "../particles/pooling/avgPool2d.ts";
import type { Pair } from "../particles/pooling/how/pooling.ts";
import { mean } from "../particles/reduction/mean.ts";

/** The mean of each plane of `input` [N, C, H, W], as [N, C, 1, 1]. */
export function globalAvgPool2d(input: Tensor): Tensor {
  dims4("globalAvgPool2d", "input", input.shape, "N, C, H, W");
  return mean(input, [2, 3], { keepDim: true });
}

/**
 * Averages each plane of `input` [N, C, H, W] down to `outputSize`, one number or (height, width); 1 is the mean of the
 * plane. The sizes of the input have to be multiples of it.
 *
 * @throws ShapeError where they are not.
 */
export function adaptiveAvgPool2d(input: Tensor, outputSize: Pair): Tensor {
  const [, , H, W] = dims4("adaptiveAvgPool2d", "input", input.shape, "N, C, H, W");
  const [P, Q] = typeof outputSize === "number" ? [outputSize, outputSize] : outputSize;
  if (P === 1 && Q === 1) return globalAvgPool2d(input);
  if (!(P > 0 && Q > 0 && H > 0 && W > 0 && H % P === 0 && W % Q === 0)) {
    throw new ShapeError(
      `adaptiveAvgPool2d: ${H}×${W} cannot be cut into ${P}×${Q} equal windows (input ${show(input.shape)}); choose sizes that divide those of the input, or use avgPool2d`,
    );
  }
  return avgPool2d(input, [H / P, W / Q]);
}
