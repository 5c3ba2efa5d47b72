import type { Module } from "../nn/module.ts";

/** Runs `body` with the model in evaluation mode; afterwards each module is in the mode that it was in. */
export function inEvaluation<T>(model: Module, body: () => T): T {
  const modes = [...model.modules()].map((module) => [module, module.training] as const);
  model.eval();
  try {
    return body();
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
}
