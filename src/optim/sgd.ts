import type { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/module.ts";
import { parallel } from "../engine/parallel.ts";
import { QuarkError } from "../errors.ts";
import { type GroupInit, Optimizer, type State, stateLike, vectorsOf } from "./optimizer.ts";

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

/**
 * Stochastic gradient descent, with PyTorch's options, defaults and order of operations (`assembly/optimizer/optimizer.ts` has the formula):
 * `lr` 0.001, everything else off.
 *
 * @throws QuarkError for options below 0, and for `nesterov` without momentum or with dampening.
 */
export class SGD extends Optimizer<SGDOptions> {
  constructor(parameters: Iterable<Tensor> | Iterable<GroupInit<SGDOptions>>, options: Partial<SGDOptions> = {}) {
    const defaults = { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false };
    super(parameters, { ...defaults, ...options });
  }

  protected check({ lr, momentum, dampening, weightDecay, nesterov }: SGDOptions): void {
    for (const [name, value] of Object.entries({ lr, momentum, weightDecay })) {
      if (!(value >= 0)) throw new QuarkError(`SGD: ${name} ${value} must be at least 0`);
    }
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new QuarkError(
        `SGD: nesterov needs a momentum and no dampening (momentum ${momentum}, dampening ${dampening})`,
      );
    }
  }

  protected prepare(parameter: Tensor, state: State | undefined, { momentum }: SGDOptions): State | undefined {
    if (momentum !== 0 && !state?.momentumBuffer) {
      return { momentumBuffer: stateLike(parameter, "momentumBuffer"), started: 0 };
    }
    return state ? undefined : {};
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
