import { option, readOptions } from "../core/options.ts";
import type { Values } from "../core/particle.ts";
import { sameShape, show } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/generated/optimizer.ts";
import { parallel } from "../engine/parallel.ts";
import { GraphError, StateDictError } from "../errors.ts";
import { vectorsOf } from "./optimizer.ts";
import { blankLike } from "./state.ts";

/** Vectors that one thread averages in about 20 µs. */
const grain = 16384;

const isShare = (value: unknown) => typeof value === "number" && value >= 0 && value <= 1;

/** What averaging needs of a model: all of a `Module` does. */
export interface Averaged {
  stateDict(): Readonly<Record<string, Tensor>>;
}

/**
 * The exponential moving average of a model's weights, which often tests better than the last of them:
 *
 *     const ema = new optim.EMA(model, { decay: 0.999 });
 *     …  optimizer.step(); ema.update();
 *     ema.swap();  …evaluate…  ema.swap();
 *
 * average ← decay·average + (1 − decay)·weight. As with PyTorch's `AveragedModel`, the first update takes the weights as they are.
 * Buffers are averaged too, as far as they are float32; others are copied.
 */
export class EMA {
  readonly decay: number;
  /** How often `update` was called. */
  updates = 0;
  readonly #model: Averaged;
  readonly #averages = new Map<string, Tensor>();

  /** @throws OptionError for a decay outside of [0, 1]; MemoryError where a second copy of the weights does not fit. */
  constructor(model: Averaged, options: { readonly decay?: number } | number = {}) {
    this.decay = readOptions("EMA", options, { decay: option(0.999, "a number from 0 to 1", isShare) }).decay;
    this.#model = model;
    try {
      for (const [name, tensor] of Object.entries(model.stateDict())) {
        const average = blankLike(tensor, `${name} average`);
        this.#averages.set(name, average);
        average.data.set(tensor.data);
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Takes the present weights into the average; call it after `optimizer.step()`. */
  update(): void {
    for (const [average, tensor] of this.#pairs()) {
      if (this.updates === 0 || tensor.dtype !== "float32") average.data.set(tensor.data);
      else {
        const [mean, weight] = [average.storage.ptr, tensor.storage.ptr];
        parallel(kernels.weightedSum, vectorsOf(tensor), grain, mean, weight, mean, this.decay, 1 - this.decay);
      }
      average.storage.version++;
    }
    this.updates++;
  }

  /** Exchanges weights and averages: to evaluate the averages, and once more to train on. */
  swap(): void {
    for (const [average, tensor] of this.#pairs()) {
      const held = tensor.data.slice();
      tensor.data.set(average.data);
      average.data.set(held);
      tensor.storage.version++;
      average.storage.version++;
    }
  }

  /** The averages by the names of the weights: to save, or to load into another model. They are the tensors themselves. */
  stateDict(): Record<string, Tensor> {
    return Object.fromEntries(this.#averages);
  }

  /** @throws StateDictError where names or shapes are not those of the model; then nothing was changed. */
  loadStateDict(saved: Readonly<Record<string, Values>>): void {
    const problems: string[] = [];
    for (const name of Object.keys(saved)) if (!this.#averages.has(name)) problems.push(`unexpected ${name}`);
    for (const [name, { shape }] of this.#averages) {
      const there = saved[name];
      if (!there) problems.push(`missing ${name}`);
      else if (!sameShape(there.shape, shape))
        problems.push(`${name} is ${show(shape)} here but ${show(there.shape)} there`);
    }
    if (problems.length > 0) throw new StateDictError(`loadStateDict: ${problems.join("; ")}; nothing was changed`);
    for (const [name, average] of this.#averages) average.data.set(saved[name]!.data);
    this.updates = Math.max(1, this.updates);
  }

  /** Gives the memory of the averages back. */
  dispose(): void {
    for (const average of this.#averages.values()) average.dispose();
    this.#averages.clear();
  }

  /** Each average with its weight, all of them alive and of one shape. */
  #pairs(): [Tensor, Tensor][] {
    const state = this.#model.stateDict();
    return Object.entries(state).map(([name, tensor]) => {
      const average = this.#averages.get(name);
      if (!average || !sameShape(average.shape, tensor.shape)) {
        throw new GraphError(`EMA: the model's "${name}" ${show(tensor.shape)} is not what it was; make a new EMA`);
      }
      tensor.storage;
      return [average, tensor];
    });
  }
}
