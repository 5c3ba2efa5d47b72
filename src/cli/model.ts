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
  const keep: Record<string, number[]> = {};
  for (const [path, whole] of [
    ["conv1", 32],
    ["conv2", 64],
  ] as const) {
    const filters = tensors.get(`${path}.weight`)?.shape[0] ?? whole;
    if (filters > 0 && filters < whole) keep[path] = Array.from({ length: filters }, (_, index) => index);
  }
  if (Object.keys(keep).length > 0) scope(() => study.prune(model, keep, zeros([1, 1, 28, 28])));
  model.loadStateDict(Object.fromEntries(tensors));
}

/** The file that a command needs, or a UsageError that says how to make one. */
export function neededFile(command: string, file: string | undefined): string {
  if (file !== undefined) return file;
  throw new UsageError(
    `${command}: trained weights are needed; make them with "npx quarkgrad train --save sora.safetensors" and run "npx quarkgrad ${command} sora.safetensors"`,
  );
}
