/** `loss.backward()`, the one method that every program that trains calls: `Tensor` has it without `methods.ts`. */
import { type BackwardOptions, backward } from "./core/backward.ts";
import { Tensor } from "./core/tensor.ts";

declare module "./core/tensor.ts" {
  interface Tensor {
    /** As the function `backward` of this tensor. */
    backward(gradient?: Tensor, options?: BackwardOptions): void;
  }
}

Object.defineProperty(Tensor.prototype, "backward", {
  configurable: true,
  writable: true,
  value: function (this: Tensor, gradient?: Tensor, options?: BackwardOptions) {
    backward(this, gradient, options);
  },
});
