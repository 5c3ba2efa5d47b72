import type { Tensor } from "../core/tensor.ts";
import { Conv2d, Linear, MaxPool2d, Module, ReLU } from "../nn/index.ts";
import { flatten } from "../particles/layout/flatten.ts";

/**
 * The Sora CNN: a LeNet-style network for images of 28 × 28 in ten classes (it has nothing to do with a video model of
 * that name).
 *
 *     [N, 1, 28, 28]  conv1 3×3, 32 filters → relu → pool 2×2   [N, 32, 14, 14]
 *                     conv2 3×3, 64 filters → relu → pool 2×2   [N, 64, 7, 7]
 *                     flatten                                   [N, 3136]
 *                     fc1 → relu                                [N, 128]
 *                     fc2                                       [N, 10], one logit a class
 *
 * 320 + 18,496 + 401,536 + 1,290 = 421,642 parameters. One ReLU and one pool serve in every place, as in the program it
 * comes from; `docs/errata.md` tells what was put right.
 */
export class Sora extends Module {
  readonly conv1 = new Conv2d(1, 32, 3, { padding: 1 });
  readonly conv2 = new Conv2d(32, 64, 3, { padding: 1 });
  readonly fc1 = new Linear(64 * 7 * 7, 128);
  readonly fc2 = new Linear(128, 10);
  readonly relu = new ReLU();
  readonly pool = new MaxPool2d(2);

  forward(images: Tensor): Tensor {
    const { conv1, conv2, fc1, fc2, relu, pool } = this;
    const edges = pool.forward(relu.forward(conv1.forward(images)));
    const shapes = pool.forward(relu.forward(conv2.forward(edges)));
    const features = relu.forward(fc1.forward(flatten(shapes, 1)));
    return fc2.forward(features);
  }
}
