import type { Tensor } from "../../core/tensor.ts";
import { Module } from "../../nn/module.ts";
import { Buffer, Parameter } from "../../nn/parameter.ts";
import type { ParticleGraph } from "./graph.ts";

/** A place in the tree of modules that the graph came from: it holds what stood there and computes nothing itself. */
class Place extends Module {
  readonly content = new Map<string, unknown>();

  protected override fields(): Iterable<[string, unknown]> {
    return this.content;
  }

  /** The graph computes within it, so that whoever watches sees the module at work. */
  forward<Result>(body: () => Result): Result {
    return body();
  }
}

/**
 * A model that is a graph: it runs, trains, saves and comes apart without the class that it was made from. Parameters
 * have the names that they had there; what the graph held as constants are buffers. It shares the blocks of the graph's
 * tensors.
 *
 *     const model = loadModel("folder");           // what saveGraph wrote
 *     model.forward(images);
 */
export class GraphModel extends Module {
  readonly graph: ParticleGraph;
  readonly #root = new Place();

  constructor(graph: ParticleGraph) {
    super();
    const tensors = new Map<string, Tensor>();
    for (const [name, tensor] of graph.tensors) {
      const held = tensor.requiresGrad ? new Parameter(tensor) : new Buffer(tensor);
      const end = name.lastIndexOf(".");
      this.#place(name.slice(0, Math.max(end, 0))).content.set(name.slice(end + 1), held);
      tensors.set(name, held);
    }
    this.graph = graph.with({ tensors });
  }

  forward(...inputs: readonly Tensor[]): Tensor | Tensor[] {
    const outputs = this.graph.runAll(inputs, undefined, (module, body) =>
      module === "" ? body() : this.#place(module).forward(body),
    );
    return outputs.length === 1 ? outputs[0]! : outputs;
  }

  protected override fields(): Iterable<[string, unknown]> {
    return this.#root.content;
  }

  /** The place at a path, made where there is none. */
  #place(path: string): Place {
    let place = this.#root;
    for (const name of path === "" ? [] : path.split(".")) {
      let next = place.content.get(name);
      if (!(next instanceof Place)) place.content.set(name, (next = new Place()));
      place = next as Place;
    }
    return place;
  }
}
