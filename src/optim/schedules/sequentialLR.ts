import { described } from "../../core/options.ts";
import { OptionError, StateDictError } from "../../errors.ts";
import { LRScheduler, type Scheduled, type ScheduleState } from "./lrScheduler.ts";

/** One schedule after another: the next takes over, from the rates before any schedule, at each of the milestones. */
export class SequentialLR extends LRScheduler {
  readonly schedulers: readonly LRScheduler[];
  readonly milestones: readonly number[];

  constructor(optimizer: Scheduled, schedulers: readonly LRScheduler[], milestones: readonly number[]) {
    super(optimizer);
    this.schedulers = [...schedulers];
    this.milestones = [...milestones];
    if (schedulers.length === 0) throw new OptionError("SequentialLR: there are no schedules");
    if (milestones.length !== schedulers.length - 1) {
      throw new OptionError(
        `SequentialLR: ${schedulers.length} schedules need ${schedulers.length - 1} milestones, got ${milestones.length}`,
      );
    }
    if (!milestones.every((one, index) => Number.isInteger(one) && one > (milestones[index - 1] ?? 0))) {
      throw new OptionError(
        `SequentialLR: milestones must be rising whole numbers from 1 on, got [${milestones.join(", ")}]`,
      );
    }
    for (const [index, schedule] of schedulers.entries()) {
      if (!(schedule instanceof LRScheduler) || schedule instanceof SequentialLR) {
        throw new OptionError(
          `SequentialLR: schedule ${index} is ${described(schedule)}; it takes those that step without a metric, and no sequence`,
        );
      }
      if (schedule.optimizer !== optimizer) {
        throw new OptionError(`SequentialLR: schedule ${index} was made for another optimiser`);
      }
    }
    // Each of them has set its first rate when it was made.
    for (const group of optimizer.paramGroups) group.lr = group.initialLr!;
    for (const schedule of this.schedulers) schedule.rewind();
    this.schedulers[0]!.step();
    this.lastEpoch = 0;
  }

  override step(): void {
    this.lastEpoch++;
    const index = this.milestones.filter((milestone) => milestone <= this.lastEpoch).length;
    const schedule = this.schedulers[index]!;
    if (this.milestones[index - 1] === this.lastEpoch) schedule.restart();
    else schedule.step();
  }

  protected next(): number {
    throw new OptionError("SequentialLR: the schedules within set the rates");
  }

  override stateDict(): ScheduleState {
    return { ...super.stateDict(), schedulers: this.schedulers.map((schedule) => schedule.stateDict()) };
  }

  override loadStateDict(saved: ScheduleState): void {
    const { schedulers } = saved;
    if (!Array.isArray(schedulers) || schedulers.length !== this.schedulers.length) {
      throw new StateDictError(
        `SequentialLR: the saved state is not that of ${this.schedulers.length} schedules; nothing was changed`,
      );
    }
    const before = this.schedulers.map((schedule) => schedule.stateDict());
    try {
      for (const [index, schedule] of this.schedulers.entries()) schedule.loadStateDict(schedulers[index]);
      super.loadStateDict(saved);
    } catch (error) {
      for (const [index, schedule] of this.schedulers.entries()) schedule.loadStateDict(before[index]!);
      throw error;
    }
  }
}
