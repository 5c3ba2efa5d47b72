/** Activations as modules, for `Sequential` and for pictures of a model; each is one call of its op. */
import type { Tensor } from "../core/tensor.ts";
import { relu } from "../particles/relu.ts";
import { Module } from "./module.ts";

export class ReLU extends Module {
  forward(input: Tensor): Tensor {
    return relu(input);
  }
}
