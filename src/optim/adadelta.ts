import { flag, option } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/generated/optimizer.ts";
import { parallel } from "../engine/parallel.ts";
import { Optimizer, type Parameters, vectorsOf } from "./optimizer.ts";
import { positive, type Rules } from "./options.ts";
import { type Needs, type State, zeros } from "./state.ts";

export interface AdadeltaOptions {
  /** What each step is multiplied by. */
  lr: number;
  /** How much of the running averages of the squared gradient and of the squared step is kept. */
  rho: number;
  /** Added below both roots, against division by zero. */
  eps: number;
  /** Adds `weightDecay` times the parameter to its gradient. */
  weightDecay: number;
  /** Climbs instead of descending. */
  maximize: boolean;
}

/** Vectors that one thread updates in about 20 µs. */
const grain = 8192;

const rules: Rules<AdadeltaOptions> = {
  lr: positive(1),
  rho: option(0.9, "a number from 0 to 1", (rho) => typeof rho === "number" && rho >= 0 && rho <= 1),
  eps: positive(1e-6),
  weightDecay: positive(0),
  maximize: flag(false),
};

/**
 * Adadelta: each gradient is scaled by the root mean square of the steps so far over that of the gradients so far (Zeiler,
 * arXiv:1212.5701). PyTorch's options and defaults: `lr` 1, `rho` 0.9, `eps` 1e-6; `assembly/optimizer/adadelta.ts` has the formula.
 *
 * @throws OptionError for unknown options, options below 0 and a `rho` above 1.
 */
export class Adadelta extends Optimizer<AdadeltaOptions> {
  constructor(parameters: Parameters<AdadeltaOptions>, options: Partial<AdadeltaOptions> | number = {}) {
    super(parameters, options, rules);
  }

  protected needs(): Needs {
    return { squareAvg: zeros, accDelta: zeros };
  }

  protected update(parameter: Tensor, grad: Tensor, state: State, options: AdadeltaOptions): void {
    const { lr, rho, eps, weightDecay, maximize } = options;
    const squares = (state.squareAvg as Tensor).storage.ptr;
    const steps = (state.accDelta as Tensor).storage.ptr;
    const scalars = [lr, rho, 1 - rho, eps, weightDecay, maximize ? -1 : 1] as const;
    const { ptr } = parameter.storage;
    parallel(kernels.adadeltaStep, vectorsOf(parameter), grain, ptr, grad.storage.ptr, squares, steps, ...scalars);
  }
}
