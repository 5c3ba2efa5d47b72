import { flag } from "../core/options.ts";
import { power } from "../core/power.ts";
import type { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/generated/optimizer.ts";
import { parallel } from "../engine/parallel.ts";
import { Optimizer, type Parameters, vectorsOf } from "./optimizer.ts";
import { betas, positive, type Rules } from "./options.ts";
import { type Needs, type State, zeros } from "./state.ts";

export interface AdamaxOptions {
  /** The learning rate. */
  lr: number;
  /** How much of the average of the gradient, and of its largest magnitude, is kept at each step. */
  betas: readonly [number, number];
  /** Added to the gradient's magnitude, against division by zero. */
  eps: number;
  /** Adds `weightDecay` times the parameter to its gradient. */
  weightDecay: number;
  /** Climbs instead of descending. */
  maximize: boolean;
}

/** Vectors that one thread updates in about 20 µs. */
const grain = 8192;

const rules: Rules<AdamaxOptions> = {
  lr: positive(2e-3),
  betas: betas([0.9, 0.999]),
  eps: positive(1e-8),
  weightDecay: positive(0),
  maximize: flag(false),
};

/**
 * Adamax: Adam with the decaying maximum of the gradient's magnitude in place of its root mean square (Kingma and Ba, arXiv:1412.6980,
 * section 7.1). PyTorch's options and defaults: `lr` 0.002, `betas` 0.9 and 0.999; `assembly/optimizer/adamax.ts` has the formula.
 *
 * @throws OptionError for unknown options, options below 0 and betas outside of [0, 1).
 */
export class Adamax extends Optimizer<AdamaxOptions> {
  constructor(parameters: Parameters<AdamaxOptions>, options: Partial<AdamaxOptions> | number = {}) {
    super(parameters, options, rules);
  }

  protected needs(): Needs {
    return { step: 0, expAvg: zeros, expInf: zeros };
  }

  protected update(parameter: Tensor, grad: Tensor, state: State, options: AdamaxOptions): void {
    const { lr, betas, eps, weightDecay, maximize } = options;
    const [beta1, beta2] = betas;
    const step = (state.step as number) + 1;
    const average = (state.expAvg as Tensor).storage.ptr;
    const largest = (state.expInf as Tensor).storage.ptr;
    const stepSize = lr / (1 - power(beta1, step));
    const scalars = [stepSize, beta1, 1 - beta1, beta2, eps, weightDecay, maximize ? -1 : 1] as const;
    const { ptr } = parameter.storage;
    parallel(kernels.adamaxStep, vectorsOf(parameter), grain, ptr, grad.storage.ptr, average, largest, ...scalars);
    state.step = step;
  }
}
