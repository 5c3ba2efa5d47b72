import { empty } from "../core/creation.ts";
import type { Shape } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";

/**
 * A tensor that a module learns: it requires a gradient, belongs to no scope, and `Module` finds it among the module's
 * fields.
 */
export class Parameter extends Tensor {
  /** Shares the block of `data`. */
  constructor(data: Tensor) {
    super(data.storage.retain(), data.shape, data.dtype);
    this.requiresGrad = true;
    this.keep();
  }
}

/** A tensor that belongs to a module's state but is not learnt: no gradient, but part of `stateDict`. */
export class Buffer extends Tensor {
  /** Shares the block of `data`. */
  constructor(data: Tensor) {
    super(data.storage.retain(), data.shape, data.dtype);
    this.keep();
  }
}

/** A new parameter of this shape, to be filled. */
export function parameter(shape: Shape): Parameter {
  const data = empty(shape);
  const result = new Parameter(data);
  data.dispose();
  return result;
}
