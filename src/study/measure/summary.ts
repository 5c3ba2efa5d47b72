/** A model on one screen. */
import { zeros } from "../../core/creation.ts";
import { bytesOf } from "../../core/dtype.ts";
import { scope } from "../../core/scope.ts";
import { type Shape, show, sizeOf } from "../../core/shape.ts";
import { Tensor } from "../../core/tensor.ts";
import type { Module } from "../../nn/module.ts";
import { decompose } from "../graph/decompose.ts";
import { inEvaluation } from "../graph/evaluation.ts";
import type { ParticleGraph } from "../graph/graph.ts";
import { costs, isParameter } from "./cost.ts";
import { counted, megabytes, textTable } from "./textTable.ts";

/** A shape, for an input of zeros; or the input itself, or several. */
export type SummaryInput = Shape | Tensor | readonly Tensor[];

/**
 * A table of the model's layers in the order in which they are applied to an input: output shape, parameters and
 * multiply–adds of each, then the totals and the memory that goes with them. The model runs once, in evaluation mode.
 * Functions that belong to no layer have a line of their own; parameters that were counted above are called "(shared)".
 */
export function summary(model: Module, input: SummaryInput): string {
  return inEvaluation(model, () =>
    scope(() => {
      const sample = isShape(input) ? zeros(input) : input;
      return tableOf(model, decompose(model, sample, { granularity: "layer" }));
    }, "summary"),
  );
}

function tableOf(model: Module, graph: ParticleGraph): string {
  const { cards, total } = costs(graph);
  const counting = new Set<string>();
  const rows = cards.map(({ id, particle, module, shape, parameters, multiplyAdds }) => {
    const own = graph.nodes
      .filter((node) => node.layer === id)
      .flatMap(({ inputs }) => Object.values(inputs))
      .filter((name) => isParameter(graph, name));
    const shared = parameters > 0 && own.every((name) => counting.has(name));
    for (const name of own) counting.add(name);
    return [
      module === "" ? particle : `${module} (${particle})`,
      show(shape),
      shared ? "(shared)" : parameters === 0 ? "–" : counted(parameters),
      multiplyAdds === 0 ? "–" : counted(multiplyAdds),
    ];
  });
  const all = [...model.parameters()];
  const parameters = all.reduce((sum, { size }) => sum + size, 0);
  const trainable = all.reduce((sum, { size, requiresGrad }) => sum + (requiresGrad ? size : 0), 0);
  const inputBytes = graph.inputs.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesOf[dtype], 0);
  const head = `${model.constructor.name}, input ${graph.inputs.map(({ shape }) => show(shape)).join(", ")}`;
  const totals: readonly (readonly [string, string])[] = [
    ["Total parameters", counted(parameters)],
    ["Trainable parameters", counted(trainable)],
    ["Non-trainable parameters", counted(parameters - trainable)],
    ["Total mult-adds", counted(total.multiplyAdds)],
    ["Input size (MB)", megabytes(inputBytes)],
    ["Activations (MB)", megabytes(total.activationBytes)],
    ["Parameters size (MB)", megabytes(4 * parameters)],
    ["Estimated total size (MB)", megabytes(inputBytes + total.activationBytes + 4 * parameters)],
  ];
  const lines = totals.map(([name, value]) => `${name}: ${value}`);
  return `${head}\n${textTable(["Layer", "Output shape", "Parameters", "Mult-adds"], rows)}\n${lines.join("\n")}`;
}

function isShape(input: SummaryInput): input is Shape {
  return !(input instanceof Tensor) && !(input[0] instanceof Tensor);
}
