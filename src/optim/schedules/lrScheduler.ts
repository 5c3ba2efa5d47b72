import { GraphError, StateDictError } from "../../errors.ts";

/** What a schedule needs of a group of an optimiser. */
export interface Group {
  lr: number;
  initialLr?: number;
  momentum?: number;
  betas?: readonly [number, number];
}

/** What a schedule needs of an optimiser. */
export interface Scheduled {
  readonly paramGroups: readonly Group[];
}

/** Where a schedule stands: numbers by name, or those of the schedules within. */
export interface ScheduleState {
  readonly [name: string]: number | readonly ScheduleState[];
}

/**
 * Changes the `lr` of each group of an optimiser when `step` is called, after `optimizer.step()`: once an epoch or once a batch, as the
 * schedule is meant. Most compute the next rate from the present one, so several can work on one optimiser. The figures are PyTorch's.
 */
export abstract class LRScheduler {
  readonly optimizer: Scheduled;
  /** The rates before any schedule, one a group. */
  readonly baseLrs: readonly number[];
  /** How often `step` was called. */
  lastEpoch = -1;

  constructor(optimizer: Scheduled) {
    this.optimizer = optimizer;
    for (const group of optimizer.paramGroups) group.initialLr ??= group.lr;
    this.baseLrs = optimizer.paramGroups.map((group) => group.initialLr!);
  }

  /** The next rate of a group; `lastEpoch` has been raised already and is 0 in the constructor. */
  protected abstract next(group: Group, baseLr: number, index: number): number;

  /** The rate of the first epoch from the rate before any schedule, where the schedule is the next of a sequence. */
  protected first(group: Group, baseLr: number, index: number): number {
    return this.next(group, baseLr, index);
  }

  /** @throws GraphError where groups were added to the optimiser after the schedule was made. */
  step(): void {
    this.lastEpoch++;
    this.#set((group, baseLr, index) => this.next(group, baseLr, index));
  }

  /** Begins anew from the rates before any schedule; for sequences of schedules. */
  restart(): void {
    this.lastEpoch = 0;
    this.#set((group, baseLr, index) => this.first(group, baseLr, index));
  }

  /** As if it had just been made and not yet set a rate; for sequences of schedules. */
  rewind(): void {
    this.lastEpoch--;
  }

  getLastLr(): number[] {
    return this.optimizer.paramGroups.map(({ lr }) => lr);
  }

  stateDict(): ScheduleState {
    return { lastEpoch: this.lastEpoch };
  }

  /**
   * Goes on from a saved place. The rates themselves are part of the optimiser's state.
   *
   * @throws StateDictError where the state is not that of such a schedule; then nothing was changed.
   */
  loadStateDict(saved: ScheduleState): void {
    this.lastEpoch = savedNumber(this, saved, "lastEpoch");
  }

  #set(rate: (group: Group, baseLr: number, index: number) => number): void {
    const { paramGroups } = this.optimizer;
    if (paramGroups.length !== this.baseLrs.length) {
      throw new GraphError(
        `${this.constructor.name}: the optimiser has ${paramGroups.length} groups, but had ${this.baseLrs.length} when the schedule was made; add groups first`,
      );
    }
    for (const [index, group] of paramGroups.entries()) group.lr = rate(group, this.baseLrs[index]!, index);
  }
}

/** A number of a saved state, or a StateDictError. */
export function savedNumber(schedule: object, saved: ScheduleState, name: string): number {
  const value = saved[name];
  if (typeof value === "number") return value;
  throw new StateDictError(`${schedule.constructor.name}: the saved state has no number ${name}; nothing was changed`);
}
