/** The model that a command looks at. */
import { statSync } from "node:fs";
import {
  DataError,
  manualSeed,
  type nn,
  readWeights,
  type Shape,
  Sora,
  StateDictError,
  scope,
  study,
  zeros,
} from "../index.ts";
import { loadModel, readWhole } from "../node.ts";
import { UsageError } from "./usage.ts";

/**
 * Sora with the weights of a file (also of a pruned Sora), or freshly seeded without one.
 *
 * @throws UsageError where the file holds no weights of Sora; it says how to make one that does.
 */
export function soraFrom(file: string | undefined, seed = 0): Sora {
  manualSeed(seed);
  const model = new Sora();
  if (file === undefined) return model;
  try {
    load(model, file);
  } catch (error) {
    if (error instanceof DataError) {
      const named = error.message.startsWith(file) ? error.message : `${file}: ${error.message}`;
      throw new UsageError(`${named}; ${howToMakeOne}`);
    }
    if (error instanceof StateDictError) {
      throw new UsageError(`${file}: these are not the weights of Sora; ${howToMakeOne} (${error.message})`);
    }
    throw error;
  }
  return model;
}

const howToMakeOne = 'make weights with "npx quarkgrad train --save sora.safetensors"';

function load(model: Sora, file: string): void {
  const tensors = readWeights(readWhole(file));
  scope(() => {
    const sample = zeros([1, 1, 28, 28]);
    const keep: Record<string, number[]> = {};
    for (const { module, weight, weightName } of filterLayers(study.decompose(model, sample))) {
      const whole = weight.shape[0]!;
      const filters = tensors.get(weightName)?.shape[0] ?? whole;
      if (filters > 0 && filters < whole) keep[module] = Array.from({ length: filters }, (_, index) => index);
    }
    if (Object.keys(keep).length > 0) study.prune(model, keep, sample);
  });
  model.loadStateDict(tensors);
}

/** The layers that are made of filters. */
export function filterLayers(graph: study.ParticleGraph): study.KernelLayer[] {
  return study.kernelLayers(graph).filter(({ givesMaps }) => givesMaps);
}

/**
 * The model in the folder of a graph (`decompose --out`), or Sora with the weights of a file.
 *
 * @throws UsageError where it is neither.
 */
export function modelFrom(path: string | undefined): { model: nn.Module; imageShape: Shape } {
  if (path === undefined || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    return { model: soraFrom(path), imageShape: [1, 28, 28] };
  }
  try {
    const model = loadModel(path);
    const [input, ...others] = model.graph.inputs;
    if (!input || others.length > 0)
      throw new UsageError(`${path}: the model takes ${others.length + 1} inputs, not one`);
    return { model, imageShape: input.shape.slice(1) };
  } catch (error) {
    if (error instanceof DataError)
      throw new UsageError(`${path}: ${error.message}; write a graph with "npx quarkgrad decompose --out folder"`);
    throw error;
  }
}

/** The file that a command needs, or a UsageError that says how to make one. */
export function neededFile(command: string, file: string | undefined): string {
  if (file !== undefined) return file;
  throw new UsageError(
    `${command}: trained weights are needed; make them with "npx quarkgrad train --save sora.safetensors" and run "npx quarkgrad ${command} sora.safetensors"`,
  );
}
