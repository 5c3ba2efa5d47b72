import type { Tensor } from "../core/tensor.ts";
import { QuarkError } from "../errors.ts";
import { dropout } from "../particles/random/dropout.ts";
import { Module } from "./module.ts";

/**
 * Zeroes each element with probability `p` while training, and scales the others by 1 / (1 − p); passes everything on
 * in evaluation.
 */
export class Dropout extends Module {
  readonly p: number;

  /** @throws QuarkError where `p` is no probability. */
  constructor(p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1)) throw new QuarkError(`Dropout: p ${p} must be at least 0 and at most 1`);
    this.p = p;
  }

  forward(input: Tensor): Tensor {
    return dropout(input, this.p, { training: this.training });
  }

  protected override describe(): string {
    return `p=${this.p}`;
  }
}
