/** Activations as modules, for `Sequential` and for pictures of a model; each is one call of its op. */
import { within } from "../core/observe.ts";
import type { Tensor } from "../core/tensor.ts";
import { relu } from "../particles/relu.ts";
import { Module } from "./module.ts";

export class ReLU extends Module {
  forward(input: Tensor): Tensor {
    return within(this, () => relu(input));
  }
}
