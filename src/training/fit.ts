import { scope } from "../core/scope.ts";
import type { Module } from "../nn/module.ts";
import { evaluationMode } from "../study/graph/evaluation.ts";
import { breather } from "./breathe.ts";
import { type FitOptions, settingsOf } from "./options.ts";
import { type History, Training } from "./training.ts";

/**
 * Trains a model: for each epoch, for each batch of the loader, the loss, its gradients and a step of the optimiser, as
 * the plain loop does and with its bits. What comes on top is asked for by name: schedules, validation, early stopping
 * with the best weights, accumulation of gradients, clipping, hooks.
 *
 *     fit(model, loader, {
 *       loss: (model, { images, labels }) => crossEntropy(model.forward(images), labels),
 *       optimizer: new optim.Adam(model.parameters()),
 *       epochs: 3,
 *     });
 *
 * It works until it is done; in a page or a server use `fitAsync`. Modules stay in the mode that they are in, except
 * while they are evaluated.
 *
 * @throws OptionError for unknown options and values of the wrong kind.
 */
export function fit<M extends Module, Batch>(
  model: M,
  loader: Iterable<Batch>,
  options: FitOptions<M, Batch>,
): History {
  const settings = settingsOf(options);
  const training = new Training(model, settings, lengthOf(loader));
  while (training.begin()) {
    for (const batch of loader) {
      scope(() => training.step(batch), "step");
      if (training.aborted) break;
    }
    if (training.aborted) break;
    const restore = evaluationMode(model);
    try {
      for (const batch of settings.validation ?? []) training.validate(batch);
      training.end();
    } finally {
      restore();
    }
  }
  return training.finish();
}

/**
 * The same, with the same bits, while pages, requests and timers go on: it lets them run between two steps. It also
 * takes loaders whose samples have to be waited for.
 */
export async function fitAsync<M extends Module, Batch>(
  model: M,
  loader: Iterable<Batch> | AsyncIterable<Batch>,
  options: FitOptions<M, Batch>,
): Promise<History> {
  const settings = settingsOf(options);
  const training = new Training(model, settings, lengthOf(loader));
  const breathe = breather();
  while (training.begin()) {
    for await (const make of makers(loader)) {
      scope(() => training.step(make()), "step");
      if (training.aborted) break;
      await breathe();
    }
    if (training.aborted) break;
    const restore = evaluationMode(model);
    try {
      for await (const make of makers(settings.validation ?? [])) {
        scope(() => training.validate(make()), "batch");
        await breathe();
      }
      await training.end();
    } finally {
      restore();
    }
  }
  return training.finish();
}

/** Batches that are made when they are asked for, so that no scope is open while something else may run. */
function makers<Batch>(loader: Iterable<Batch> | AsyncIterable<Batch>): AsyncIterable<() => Batch> {
  const { prepared } = loader as { prepared?: () => AsyncIterable<() => Batch> };
  return prepared ? prepared.call(loader) : asMade(loader);
}

async function* asMade<Batch>(batches: Iterable<Batch> | AsyncIterable<Batch>): AsyncGenerator<() => Batch> {
  for await (const batch of batches) yield () => batch;
}

function lengthOf(loader: object): number | undefined {
  const { length } = loader as { length?: unknown };
  return typeof length === "number" ? length : undefined;
}
