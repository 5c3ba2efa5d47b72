import type { Tensor } from "../core/tensor.ts";
import { QuarkError } from "../errors.ts";
import { flatten } from "../particles/layout/flatten.ts";
import { Module } from "./module.ts";

/** A module of one input and one output, or a plain function. */
export type Layer = Module | ((input: Tensor) => Tensor);

/** Modules and functions one after another. Parameters are named by the place: `0.weight`, as in PyTorch. */
export class Sequential extends Module {
  readonly layers: readonly Layer[];

  constructor(...layers: readonly Layer[]) {
    super();
    const wrong = layers.findIndex((layer) => !(layer instanceof Module) && typeof layer !== "function");
    if (wrong >= 0) {
      throw new QuarkError(
        `Sequential: entry ${wrong} is ${typeof layers[wrong]}; give modules or functions, without an array around them`,
      );
    }
    this.layers = layers;
  }

  protected override *fields(): IterableIterator<[string, unknown]> {
    for (const [name, value] of super.fields()) {
      if (value !== this.layers) yield [name, value];
      else for (const [index, layer] of this.layers.entries()) yield [`${index}`, layer];
    }
  }

  forward(input: Tensor): Tensor {
    let value = input;
    for (const layer of this.layers) value = layer instanceof Module ? layer.forward(value) : layer(value);
    return value;
  }
}

/** What goes in comes out. */
export class Identity extends Module {
  forward(input: Tensor): Tensor {
    return input;
  }
}

/** Makes the axes from `startAxis` (1, behind the batch) to `endAxis` (the last) one. */
export class Flatten extends Module {
  readonly startAxis: number;
  readonly endAxis: number;

  constructor(startAxis = 1, endAxis = -1) {
    super();
    this.startAxis = startAxis;
    this.endAxis = endAxis;
  }

  forward(input: Tensor): Tensor {
    return flatten(input, this.startAxis, this.endAxis);
  }
}
