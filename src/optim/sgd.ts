import { flag, real } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/generated/optimizer.ts";
import { parallel } from "../engine/parallel.ts";
import { QuarkError } from "../errors.ts";
import { Optimizer, type Parameters, vectorsOf } from "./optimizer.ts";
import { positive, type Rules } from "./options.ts";
import { type Needs, type State, zeros } from "./state.ts";

export interface SGDOptions {
  /** The learning rate. */
  lr: number;
  /** The share of the last step's direction that is kept. */
  momentum: number;
  /** How much less of a new gradient goes into the momentum. */
  dampening: number;
  /** Adds `weightDecay` times the parameter to its gradient. */
  weightDecay: number;
  /** Looks one step of momentum ahead. Needs a momentum, and no dampening. */
  nesterov: boolean;
  /** Climbs instead of descending. */
  maximize: boolean;
}

/** Vectors that one thread updates in about 20 µs. */
const grain = 16384;

const rules: Rules<SGDOptions> = {
  lr: positive(1e-3),
  momentum: positive(0),
  dampening: real(0),
  weightDecay: positive(0),
  nesterov: flag(false),
  maximize: flag(false),
};

/**
 * Stochastic gradient descent, with PyTorch's options, defaults and order of operations (`assembly/optimizer/sgd.ts` has the formula):
 * `lr` 0.001, everything else off.
 *
 * @throws OptionError for unknown options, options below 0, and for `nesterov` without momentum or with dampening.
 */
export class SGD extends Optimizer<SGDOptions> {
  constructor(parameters: Parameters<SGDOptions>, options: Partial<SGDOptions> | number = {}) {
    super(parameters, options, rules);
  }

  protected override check({ nesterov, momentum, dampening }: SGDOptions): void {
    if (!nesterov || (momentum !== 0 && dampening === 0)) return;
    throw new QuarkError(
      `SGD: nesterov needs a momentum and no dampening (momentum ${momentum}, dampening ${dampening})`,
    );
  }

  protected needs({ momentum }: SGDOptions): Needs {
    return momentum === 0 ? {} : { momentumBuffer: zeros, started: 0 };
  }

  protected update(parameter: Tensor, grad: Tensor, state: State, options: SGDOptions): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = options;
    const buffer = momentum === 0 ? 0 : (state.momentumBuffer as Tensor).storage.ptr;
    const first = state.started === 0 ? 1 : 0;
    const scalars = [lr, momentum, 1 - dampening, weightDecay, nesterov ? 1 : 0, maximize ? -1 : 1, first] as const;
    const { ptr } = parameter.storage;
    parallel(kernels.sgdStep, vectorsOf(parameter), grain, ptr, grad.storage.ptr, buffer, ...scalars);
    if (buffer !== 0) state.started = 1;
  }
}
