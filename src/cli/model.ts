/** The model that a command looks at. */
import { manualSeed, readSafetensors, Sora, scope, study, zeros } from "../index.ts";
import { readWhole } from "../node.ts";
import { UsageError } from "./usage.ts";

/** Sora with the weights of a file (also of a pruned Sora), or freshly seeded without one. */
export function soraFrom(file: string | undefined, seed = 0): Sora {
  manualSeed(seed);
  const model = new Sora();
  if (file === undefined) return model;
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
  return model;
}

/** The file that a command needs, or a UsageError that says how to make one. */
export function neededFile(command: string, file: string | undefined): string {
  if (file !== undefined) return file;
  throw new UsageError(
    `${command}: trained weights are needed; make them with "npx quarkgrad train --save sora.safetensors" and run "npx quarkgrad ${command} sora.safetensors"`,
  );
}
