import { flag } from "../core/options.ts";
import { exponential, power } from "../core/power.ts";
import type { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/generated/optimizer.ts";
import { parallel } from "../engine/parallel.ts";
import { Optimizer, type Parameters, vectorsOf } from "./optimizer.ts";
import { betas, positive, type Rules } from "./options.ts";
import { type Needs, type State, zeros } from "./state.ts";

export interface NAdamOptions {
  /** The learning rate. */
  lr: number;
  /** How much of the running averages of the gradient and of its square is kept at each step. */
  betas: readonly [number, number];
  /** Added to the root of the averaged square, against division by zero. */
  eps: number;
  /** Adds `weightDecay` times the parameter to its gradient. */
  weightDecay: number;
  /** How fast the momentum rises from half of β₁ to all of it. */
  momentumDecay: number;
  /** Shrinks the parameter by `lr · weightDecay` in place of adding to its gradient. */
  decoupledWeightDecay: boolean;
  /** Climbs instead of descending. */
  maximize: boolean;
}

/** Vectors that one thread updates in about 20 µs. */
const grain = 8192;

const rules: Rules<NAdamOptions> = {
  lr: positive(2e-3),
  betas: betas([0.9, 0.999]),
  eps: positive(1e-8),
  weightDecay: positive(0),
  momentumDecay: positive(4e-3),
  decoupledWeightDecay: flag(false),
  maximize: flag(false),
};

/** ln 0.96: the paper lets the momentum rise as 1 − ½·0.96^(step·ψ). */
const logarithmOfRise = -0.040821994520255166;

/**
 * NAdam: Adam that looks one step of momentum ahead (Dozat, ICLR workshop 2016). PyTorch's options and defaults: `lr` 0.002, `betas` 0.9
 * and 0.999, `momentumDecay` 0.004; `assembly/optimizer/nadam.ts` has the formula.
 *
 * @throws OptionError for unknown options, options below 0 and betas outside of [0, 1).
 */
export class NAdam extends Optimizer<NAdamOptions> {
  constructor(parameters: Parameters<NAdamOptions>, options: Partial<NAdamOptions> | number = {}) {
    super(parameters, options, rules);
  }

  protected needs(): Needs {
    return { step: 0, muProduct: 1, expAvg: zeros, expAvgSq: zeros };
  }

  protected update(parameter: Tensor, grad: Tensor, state: State, options: NAdamOptions): void {
    const { lr, betas, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize } = options;
    const [beta1, beta2] = betas;
    const step = (state.step as number) + 1;
    const momentumAt = (at: number) => beta1 * (1 - 0.5 * exponential(logarithmOfRise * at * momentumDecay));
    const mu = momentumAt(step);
    const next = momentumAt(step + 1);
    const product = (state.muProduct as number) * mu;
    const average = (state.expAvg as Tensor).storage.ptr;
    const squareAverage = (state.expAvgSq as Tensor).storage.ptr;
    const blocks = [parameter.storage.ptr, grad.storage.ptr, average, squareAverage] as const;
    const rates = [(lr * (1 - mu)) / (1 - product), (lr * next) / (1 - product * next)] as const;
    const moments = [beta1, 1 - beta1, beta2, 1 - beta2, Math.sqrt(1 - power(beta2, step)), eps] as const;
    const decay = decoupledWeightDecay ? ([0, 1 - lr * weightDecay] as const) : ([weightDecay, 1] as const);
    parallel(
      kernels.nadamStep,
      vectorsOf(parameter),
      grain,
      ...blocks,
      ...rates,
      ...moments,
      ...decay,
      maximize ? -1 : 1,
    );
    state.step = step;
    state.muProduct = product;
  }
}
