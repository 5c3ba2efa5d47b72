/** Models and graphs as files. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DataError, type nn, readWeights, writeSafetensors } from "../index.ts";
import * as study from "../study/index.ts";
import { readWhole, reasonOf, writeWhole } from "./files.ts";

/**
 * Writes the parameters and buffers of `model` as safetensors, with PyTorch's names and layouts. The file is there whole or not at
 * all: it is written beside its place, forced to disk and renamed. A link stays one, and the mode of a file that was there is kept.
 *
 * @throws DataError where the file cannot be written; then an older one is as it was.
 */
export function saveModel(model: nn.Module, path: string, metadata?: ReadonlyMap<string, string>): void {
  writeWhole(path, writeSafetensors(model.stateDict(), metadata));
}

/**
 * With a model and a file: reads weights (safetensors, npz, or what `torch.save` wrote) into the parameters and buffers of `model` and returns
 * it. With the folder of a graph alone: the model that `saveGraph` wrote, whose class need not be there.
 *
 * @throws DataError where the file is missing or damaged; StateDictError where its names or shapes are not the model's. Then the
 * model is as it was.
 */
export function loadModel<Model extends nn.Module>(model: Model, path: string): Model;
export function loadModel(folder: string, options?: study.GraphFilesOptions): study.GraphModel;
export function loadModel<Model extends nn.Module>(
  given: Model | string,
  rest?: string | study.GraphFilesOptions,
): Model | study.GraphModel {
  if (typeof given !== "string") {
    given.loadStateDict(readWeights(readWhole(rest as string)));
    return given;
  }
  const graph = loadGraph(given, rest as study.GraphFilesOptions | undefined);
  try {
    return new study.GraphModel(graph);
  } finally {
    // The model shares the blocks.
    for (const tensor of graph.tensors.values()) tensor.dispose();
  }
}

/**
 * Writes a graph into a folder, which is made if it is not there: `graph.json`, and the safetensors file that it names. They are one unit:
 * the numbers get a name of their own, and the graph changes with the rename of `graph.json`, whatever happens on the way.
 *
 * @throws DataError where the folder cannot be written; then a graph that was there is as it was.
 */
export function saveGraph(graph: study.ParticleGraph, folder: string): void {
  const files = study.graphToFiles(graph);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new DataError(`${folder}: ${reasonOf(error)}; nothing was written`, { cause: error });
  }
  const last = study.graphFile;
  for (const [name, bytes] of files) if (name !== last) writeWhole(join(folder, name), bytes);
  writeWhole(join(folder, last), files.get(last)!);
  for (const name of readdirSync(folder)) {
    if (study.isTensorsFile(name) && !files.has(name)) rmSync(join(folder, name), { force: true });
  }
}

/**
 * Reads a graph that `saveGraph` wrote.
 *
 * @throws DataError where a file is missing, damaged or changed.
 */
export function loadGraph(folder: string, options?: study.GraphFilesOptions): study.ParticleGraph {
  const graph = readWhole(join(folder, study.graphFile));
  const tensors = study.tensorsFileOf(graph);
  return study.graphFromFiles(
    new Map([
      [study.graphFile, graph],
      [tensors, readWhole(join(folder, tensors))],
    ]),
    options,
  );
}
