/** The graph of a model as the page draws it: what flows from where to where, and a picture of each value. */
import { type nn, noGrad, scope, study, type Tensor } from "../../index.ts";
import { type Shown, sheetOf } from "./pixels.ts";

/** What a particle is, by its declaration: nothing here asks for names. */
export type Kind = "input" | "filters" | "neurons" | "activation" | "reduction" | "layout" | "output";

/** A box of the graph. */
export interface Box {
  readonly id: string;
  readonly module: string;
  readonly kind: Kind;
  readonly shape: readonly number[];
  /** The boxes whose values flow in. */
  readonly from: readonly string[];
  /** The value that it gives for the sample. */
  readonly value: Shown | undefined;
}

/** The boxes of `model` in its order, from the inputs to the outputs, each with its value for `sample`. */
export function flowOf(model: nn.Module, sample: Tensor): Box[] {
  return noGrad(() =>
    scope(() => {
      const graph = study.decompose(model, sample);
      const values = new Map<string, Shown>();
      graph.run(sample, ({ id }, value) => values.set(id, sheetOf(value)));
      const shapes = new Map(graph.nodes.map(({ id, shape }) => [id, shape]));
      return [
        ...graph.inputs.map(({ name, shape }): Box => {
          return { id: name, module: "", kind: "input", shape, from: [], value: sheetOf(sample) };
        }),
        ...graph.nodes.map((node): Box => {
          const from = [...new Set(Object.values(node.inputs))].filter((name) => !graph.tensors.has(name));
          const { id, module, shape } = node;
          return { id, module, kind: kindOf(node, shapes.get(from[0]!)), shape, from, value: values.get(id) };
        }),
        ...graph.outputs.map((name, index): Box => {
          const shape = shapes.get(name) ?? sample.shape;
          return {
            id: `output#${index + 1}`,
            module: "",
            kind: "output",
            shape,
            from: [name],
            value: values.get(name),
          };
        }),
      ];
    }),
  );
}

function kindOf({ particle, inputs, shape }: study.GraphNode, from: readonly number[] | undefined): Kind {
  if (particle.kernels) return study.givesMaps(particle.kernels) ? "filters" : "neurons";
  if (particle.shares) return "layout";
  const same = Object.keys(inputs).length === 1 && from !== undefined && String(from) === String(shape);
  return same ? "activation" : "reduction";
}
