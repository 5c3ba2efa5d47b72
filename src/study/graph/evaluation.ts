import type { Module } from "../../nn/module.ts";

/**
 * Puts the model into evaluation mode; the function that it returns puts each module back into the mode that it was in.
 */
export function evaluationMode(model: Module): () => void {
  const modes = [...model.modules()].map((module) => [module, module.training] as const);
  model.eval();
  return () => {
    for (const [module, training] of modes) module.training = training;
  };
}

/** Runs `body` with the model in evaluation mode; afterwards each module is in the mode that it was in. */
export function inEvaluation<T>(model: Module, body: () => T): T {
  const restore = evaluationMode(model);
  try {
    return body();
  } finally {
    restore();
  }
}
