/** `quarkgrad prune FILE`: removes the filters of Sora that are needed least. */
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { scope, setThreads, study } from "../index.ts";
import { mnist, saveModel } from "../node.ts";
import { ablateWithProgress } from "./ablate.ts";
import { accuracyOf, evaluate, percent } from "./confusion.ts";
import { neededFile, soraFrom } from "./model.ts";
import { UsageError, wholeNumber } from "./usage.ts";

interface PruneOptions {
  readonly remove: number;
  readonly limit: number;
  readonly threads: number;
  readonly data?: string;
  readonly save?: string;
  readonly json?: boolean;
}

export function pruneCommand(): Command {
  return new Command("prune")
    .description("Removes the least needed filters of a trained Sora for good and shows what that saves and costs.")
    .argument("[file]", "what `quarkgrad train --save` wrote")
    .option("--remove <count>", "how many filters of conv1 and conv2 go", wholeNumber(1), 24)
    .option("--limit <images>", "choose them by the first training images", wholeNumber(1), 2000)
    .option("--threads <count>", "threads", wholeNumber(1, 16), Math.min(availableParallelism(), 16))
    .option("--data <folder>", "folder with the IDX files of MNIST, plain or .gz")
    .option("--save <file>", "write the pruned weights as safetensors; every command reads them")
    .option("--json", "print the results as one JSON object in the last line")
    .action(run);
}

async function run(given: string | undefined, options: PruneOptions): Promise<void> {
  const model = soraFrom(neededFile("prune", given));
  const source = options.data === undefined ? {} : { root: options.data };
  const test = mnist("test", source);
  await setThreads(options.threads);
  const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`);

  // Chosen on training images, so that the accuracy on test images stays an honest figure.
  const { removals } = ablateWithProgress(model, mnist("train", source), options.limit);
  const keep = keptOf(removals, options.remove);
  const sample = test.batch(Int32Array.from({ length: Math.min(100, test.length) }, (_, index) => index)).images;
  const costOf = () => scope(() => study.costs(study.decompose(model, test.batch([0]).images)).total);
  const before = { accuracy: accuracyOf(evaluate(model, test)), ...costOf() };
  const pruning = study.prune(model, keep, sample);
  const after = { accuracy: accuracyOf(evaluate(model, test)), ...costOf() };

  for (const [layer, filters] of Object.entries(keep)) say(`${layer}: ${filters.length} filters stay`);
  say(
    `largest difference to the original with the removed filters set to zero: ${pruning.largestDifference}, ${pruning.relativeDifference.toExponential(1)} of the largest output`,
  );
  say(`parameters ${saving(before.parameters, after.parameters)}`);
  say(`multiply-adds an image ${saving(before.multiplyAdds, after.multiplyAdds)}`);
  say(`activation bytes an image ${saving(before.activationBytes, after.activationBytes)}`);
  say(`test accuracy ${percent(before.accuracy)} before, ${percent(after.accuracy)} after`);
  if (options.save !== undefined) {
    saveModel(model, options.save, new Map([["pruned", JSON.stringify(keep)]]));
    say(`weights written to ${options.save}`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ keep, pruning, before, after })}\n`);
}

/**
 * What stays when the filters go whose removal moves the loss least, up or down; each layer keeps at least one. A removal that lowers the
 * loss much is no sign of a filter that does nothing: removed together, such filters do more harm.
 */
function keptOf(removals: readonly study.Removal[], count: number): Record<string, number[]> {
  const filters = removals
    .filter(({ kind }) => kind === "filter")
    .sort((a, b) => Math.abs(b.lossIncrease) - Math.abs(a.lossIncrease));
  const keep: Record<string, number[]> = {};
  const spare: { module: string; index: number }[] = [];
  for (const { id, module } of filters) {
    const index = Number(id.slice(id.lastIndexOf("/filter") + "/filter".length));
    if (keep[module]) spare.push({ module, index });
    else keep[module] = [index];
  }
  if (count > spare.length) {
    throw new UsageError(`prune: ${count} filters cannot go; there are ${filters.length}, and each layer keeps one`);
  }
  for (const { module, index } of spare.slice(0, spare.length - count)) keep[module]!.push(index);
  for (const kept of Object.values(keep)) kept.sort((a, b) => a - b);
  return keep;
}

function saving(before: number, after: number): string {
  const share = percent(1 - after / before);
  return `${before.toLocaleString("en-US")} before, ${after.toLocaleString("en-US")} after: ${share} saved`;
}
