/** The model that a command looks at. */
import { manualSeed, Sora } from "../index.ts";
import { loadModel } from "../node.ts";

/** Sora with the weights of a file, or freshly seeded without one. */
export function soraFrom(file: string | undefined, seed = 0): Sora {
  manualSeed(seed);
  const model = new Sora();
  return file === undefined ? model : loadModel(model, file);
}
