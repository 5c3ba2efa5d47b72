/** The model that a command looks at. */
import { DataError, manualSeed, readSafetensors, Sora, StateDictError, scope, study, zeros } from "../index.ts";
import { readWhole } from "../node.ts";
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
  const { tensors } = readSafetensors(readWhole(file));
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
  model.loadStateDict(Object.fromEntries(tensors));
}

/** The layers that are made of filters. */
export function filterLayers(graph: study.ParticleGraph): study.KernelLayer[] {
  return study.kernelLayers(graph).filter(({ givesMaps }) => givesMaps);
}

/** The file that a command needs, or a UsageError that says how to make one. */
export function neededFile(command: string, file: string | undefined): string {
  if (file !== undefined) return file;
  throw new UsageError(
    `${command}: trained weights are needed; make them with "npx quarkgrad train --save sora.safetensors" and run "npx quarkgrad ${command} sora.safetensors"`,
  );
}
