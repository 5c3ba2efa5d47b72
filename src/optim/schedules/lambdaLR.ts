import { described } from "../../core/options.ts";
import { OptionError } from "../../errors.ts";
import { type Group, LRScheduler, type Scheduled } from "./lrScheduler.ts";

/** Maps the number of steps to what the first rate is multiplied by. */
export type LrLambda = (epoch: number) => number;

/** The first rate times what a function of the number of steps gives; one function for all groups, or one for each. */
export class LambdaLR extends LRScheduler {
  readonly lrLambdas: readonly LrLambda[];

  constructor(optimizer: Scheduled, lrLambda: LrLambda | readonly LrLambda[]) {
    super(optimizer);
    const groups = optimizer.paramGroups.length;
    this.lrLambdas = Array.isArray(lrLambda) ? [...lrLambda] : Array(groups).fill(lrLambda);
    const wrong = this.lrLambdas.find((one) => typeof one !== "function");
    if (wrong !== undefined || !lrLambda) {
      throw new OptionError(
        `LambdaLR: lrLambda must be a function or a list of them, got ${described(wrong ?? lrLambda)}`,
      );
    }
    if (this.lrLambdas.length !== groups) {
      throw new OptionError(
        `LambdaLR: ${this.lrLambdas.length} functions for ${groups} groups; give one for each, or one for all`,
      );
    }
    this.step();
  }

  protected next(_group: Group, baseLr: number, index: number): number {
    return baseLr * this.lrLambdas[index]!(this.lastEpoch);
  }
}
