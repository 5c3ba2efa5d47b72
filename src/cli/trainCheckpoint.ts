/** The checkpoints of `quarkgrad train`: how far it is, and the options that it was begun with. */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { Checkpoint, type Saved, type Stateful } from "../index.ts";
import { folderStore } from "../node.ts";
import { UsageError } from "./usage.ts";

export interface TrainOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly seed: number;
  readonly threads: number;
  readonly limit?: number;
  readonly data?: string;
  readonly save?: string;
  readonly checkpoint?: string;
  readonly checkpointEvery: number;
  readonly resume?: boolean;
  readonly json?: boolean;
}

/** How far training is. */
export interface TrainProgress {
  /** The epoch under way, from 1, and how much of it is done. */
  epoch: number;
  done: number;
  lossSum: number;
  seen: number;
  /** Over all epochs. */
  steps: number;
  stepSeconds: number;
  epochs: { readonly loss: number; readonly testAccuracy: number; readonly seconds: number }[];
}

export function beginning(): TrainProgress {
  return { epoch: 1, done: 0, lossSum: 0, seen: 0, steps: 0, stepSeconds: 0, epochs: [] };
}

/** What the numbers depend on; it cannot change on the way. */
const fixed = ["batchSize", "lr", "seed", "limit", "data"] as const;
type Fixed = Pick<TrainOptions, (typeof fixed)[number]>;

interface Kept {
  readonly progress: TrainProgress;
  readonly options: Fixed;
}

export interface TrainCheckpoint {
  isDue(step: number): boolean;
  save(progress: TrainProgress): Promise<void>;
  /** Gives the parts their state, and says how far it was; undefined without `--resume`. */
  resume(say: (text: string) => void): Promise<TrainProgress | undefined>;
}

/**
 * The options as given, but where the numbers depend on them as in the checkpoint.
 *
 * @throws UsageError where there is nothing to go on with, or another value was asked for.
 */
export async function resumedOptions(given: TrainOptions, command: Command): Promise<TrainOptions> {
  const { options } = (await saved(given)).progress;
  for (const name of fixed) {
    if (command.getOptionValueSource(name) !== "cli" || given[name] === options[name]) continue;
    throw new UsageError(
      `--resume: the training was begun with ${name} ${options[name] ?? "not given"}, not ${given[name]}; leave the option out, or begin anew in another folder`,
    );
  }
  const { limit: _limit, data: _data, ...rest } = given;
  return { ...rest, ...options };
}

/** @throws UsageError where the folder has checkpoints and they are not to be gone on with. */
export async function checkpointsOf(
  options: TrainOptions,
  parts: Readonly<Record<string, Stateful>>,
): Promise<TrainCheckpoint | undefined> {
  const folder = options.checkpoint;
  if (folder === undefined) return undefined;
  const checkpoint = new Checkpoint(folderStore(folder), parts);
  const latest = options.resume ? undefined : await checkpoint.latest();
  if (latest !== undefined) {
    throw new UsageError(
      `--checkpoint: ${folder} has a checkpoint of step ${latest}; add --resume to go on, or give another folder`,
    );
  }
  const kept = Object.fromEntries(
    fixed.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
  return {
    isDue: (step) => step % options.checkpointEvery === 0,
    async save(progress) {
      await checkpoint.save(progress.steps, { progress, options: kept });
    },
    async resume(say) {
      if (!options.resume) return undefined;
      const { progress, step, skipped, sameKernels, version } = (await checkpoint.load<Kept>())!;
      for (const reason of skipped) say(`skipped ${reason}`);
      if (!sameKernels)
        say(`written by quarkgrad ${version}, whose kernels were others: results may differ in their last bits`);
      say(`goes on after step ${step}, in epoch ${progress.progress.epoch}`);
      return progress.progress;
    },
  };
}

/** What the latest checkpoint says, before there is a model to give it to. */
async function saved({ checkpoint: folder }: TrainOptions): Promise<Saved<Kept>> {
  if (folder === undefined)
    throw new UsageError("--resume: name the folder of the checkpoints by --checkpoint <folder>");
  const found = existsSync(folder) ? await Checkpoint.read<Kept>(folderStore(folder)) : undefined;
  if (found) return found;
  throw new UsageError(`--resume: there is no checkpoint in ${folder}; leave --resume out to begin`);
}
