/** What a graph is made of. */
import type { DType } from "../../core/dtype.ts";
import type { AnyParticle } from "../../core/particle.ts";
import type { Shape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";

/**
 * How finely a model is cut: by layer, by op, or down to the single filters of a convolution and neurons of a linear
 * layer.
 */
export type Granularity = "layer" | "op" | "kernel";

/** One application of a particle. */
export interface GraphNode {
  /** `relu#2`: the second application of relu. It also names the node's output, where it has one. */
  readonly id: string;
  readonly particle: AnyParticle;
  readonly attributes: unknown;
  /** The path of the module that it came from, `conv1`; empty where it belongs to none. */
  readonly module: string;
  /** For each port, the name of the value that flows in: an input, a tensor of the graph, or a node. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Of its output, or of the first of several. */
  readonly shape: Shape;
  readonly dtype: DType;
  /** Of each output by name, where there are several. The value of output `values` is named `max#1.values`. */
  readonly outputs?: Readonly<Record<string, { readonly shape: Shape; readonly dtype: DType }>>;
  /** `reluMaxPool2d#1`: nodes that bear the same were run as one, by that fused particle. */
  readonly fused?: string;
  /** The layer that it is part of; nodes of one layer stand together. */
  readonly layer: string;
}

/** An input of the graph. */
export interface GraphInput {
  /** `input#1` */
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

export interface GraphParts {
  readonly granularity: Granularity;
  readonly inputs: readonly GraphInput[];
  readonly nodes: readonly GraphNode[];
  /** The names of the values that come out. */
  readonly outputs: readonly string[];
  /** Parameters and constants by name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}
