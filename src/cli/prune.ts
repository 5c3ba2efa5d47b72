/** `quarkgrad prune FILE`: removes the filters of Sora that are needed least. */
import { availableParallelism } from "node:os";
import Table from "cli-table3";
import { Command } from "commander";
import { type Sora, scope, setThreads, study, type Tensor, zeros } from "../index.ts";
import { mnist, saveModel } from "../node.ts";
import { accuracyOf, evaluate, percent } from "./confusion.ts";
import { ablateWithProgress, describeSamples, importanceTable } from "./importance.ts";
import { breathe, interruptedCode, watchInterrupt } from "./interrupt.ts";
import { filterLayers, neededFile, soraFrom } from "./model.ts";
import { UsageError, wholeNumber } from "./usage.ts";

interface PruneOptions {
  readonly remove: number;
  readonly limit: number;
  readonly threads: number;
  readonly data?: string;
  readonly save?: string;
  readonly json?: boolean;
}

/** On so many test images the pruned model is compared with the masked one. */
const comparedImages = 100;

export function pruneCommand(): Command {
  return new Command("prune")
    .description("Removes the least needed filters of a trained Sora for good and shows what that saves and costs.")
    .argument("[file]", "what `quarkgrad train --save` wrote")
    .option("--remove <count>", "how many filters go", wholeNumber(1), 24)
    .option("--limit <images>", "choose them by the first training images", wholeNumber(1), 2000)
    .option("--threads <count>", "threads", wholeNumber(1, 16), Math.min(availableParallelism(), 16))
    .option("--data <folder>", "folder with the IDX files of MNIST, plain or .gz")
    .option("--save <file>", "write the pruned weights as safetensors; every command reads them")
    .option("--json", "print the results as one JSON object in the last line")
    .action(run);
}

async function run(given: string | undefined, options: PruneOptions): Promise<void> {
  const model = soraFrom(neededFile("prune", given));
  checkCount(model, options.remove);
  const source = options.data === undefined ? {} : { root: options.data };
  const training = mnist("train", source);
  const test = mnist("test", source);
  await setThreads(options.threads);
  const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`);
  const interrupt = watchInterrupt();
  // Chosen on training images, so that the accuracy on test images stays an honest figure.
  const importance = await ablateWithProgress(model, training, { limit: options.limit }, interrupt);
  const chosenBy = describeSamples(importance, Math.min(options.limit, training.length), "training images");
  /** Whether Ctrl-C was pressed; then it says what was measured. */
  const stopped = async () => {
    await breathe();
    if (!interrupt.aborted) return false;
    say(`on ${chosenBy}:\n${importanceTable(importance)}\nnothing was pruned, and nothing was written`);
    process.exitCode = interruptedCode;
    return true;
  };
  if (await stopped()) return;

  const keep = keptOf(importance.removals, options.remove);
  const before = await figuresOf(model, test);
  if (await stopped()) return;
  const { images } = test.batch(
    Int32Array.from({ length: Math.min(comparedImages, test.length) }, (_, index) => index),
  );
  const pruning = study.prune(model, keep, images);
  const after = await figuresOf(model, test);
  if (await stopped()) return;
  interrupt.stop();

  say(`the filters whose removal moves the loss least, on ${chosenBy}:`);
  for (const [layer, filters] of Object.entries(keep)) say(describeCut(layer, filters, importance.removals));
  say(describeDifference(pruning, images));
  say(`\n${savingsTable(before, after)}\n`);
  say(`test accuracy ${percent(before.accuracy)} before, ${percent(after.accuracy)} after`);
  if (options.save !== undefined) {
    saveModel(model, options.save, new Map([["pruned", JSON.stringify(keep)]]));
    say(`weights written to ${options.save}`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ keep, pruning, before, after })}\n`);
}

interface Figures {
  readonly accuracy: number;
  readonly costs: study.CostTable;
}

async function figuresOf(model: Sora, test: ReturnType<typeof mnist>): Promise<Figures> {
  const accuracy = accuracyOf(await evaluate(model, test));
  return { accuracy, costs: scope(() => study.costs(study.decompose(model, test.batch([0]).images))) };
}

function checkCount(model: Sora, count: number): void {
  const layers = scope(() => filterLayers(study.decompose(model, zeros([1, 1, 28, 28]))));
  const filters = layers.reduce((sum, { weight }) => sum + weight.shape[0]!, 0);
  if (count <= filters - layers.length) return;
  throw new UsageError(`prune: ${count} filters cannot go; there are ${filters}, and each layer keeps one`);
}

/**
 * What stays when the filters go whose removal moves the loss least, up or down; each layer keeps at least one. A
 * removal that lowers the loss much is no sign of a filter that does nothing: removed together, such filters do more
 * harm.
 */
function keptOf(removals: readonly study.Removal[], count: number): Record<string, number[]> {
  const filters = removals
    .filter(({ index }) => index !== undefined)
    .sort((a, b) => Math.abs(b.lossIncrease) - Math.abs(a.lossIncrease));
  const keep: Record<string, number[]> = {};
  const spare: { module: string; index: number }[] = [];
  for (const { module, index } of filters) {
    if (keep[module]) spare.push({ module, index: index! });
    else keep[module] = [index!];
  }
  for (const { module, index } of spare.slice(0, spare.length - count)) keep[module]!.push(index);
  for (const kept of Object.values(keep)) kept.sort((a, b) => a - b);
  return keep;
}

/** `conv1: 26 of 32 filters stay; 1, 3, 6 went` */
function describeCut(layer: string, kept: readonly number[], removals: readonly study.Removal[]): string {
  const all = removals.flatMap(({ module, index }) => (module === layer && index !== undefined ? index : []));
  const gone = all.filter((index) => !kept.includes(index));
  return `${layer}: ${kept.length} of ${all.length} filters stay${gone.length > 0 ? `; ${gone.join(", ")} went` : ""}`;
}

function describeDifference(pruning: study.Pruning, { shape: [count] }: Tensor): string {
  const { largestDifference, relativeDifference, float64Difference } = pruning;
  return [
    `difference to the original with these filters set to zero, on ${count} test images:`,
    `  as computed, in float32: ${tiny(largestDifference)} at most, which is ${tiny(relativeDifference)} of the largest output (allowed: 1e-6 of it)`,
    `  by the ops' definitions, in float64, on the first image: ${tiny(float64Difference)} at most (allowed: 1e-6)`,
  ].join("\n");
}

function tiny(value: number): string {
  return value === 0 ? "0" : value.toExponential(1);
}

const counted = ["parameters", "multiplyAdds", "bytes", "activationBytes"] as const;

/** The cost cards of the particles that changed, and the sums, each before → after. */
function savingsTable(before: Figures, after: Figures): string {
  const table = new Table({
    head: ["particle", "module", "parameters", "mult-adds", "bytes", "activation bytes"],
    colAligns: ["left", "left", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  const change = (old: study.Cost, now: study.Cost) =>
    counted.map((figure) =>
      old[figure] === now[figure] ? whole(old[figure]) : `${whole(old[figure])} → ${whole(now[figure])}`,
    );
  for (const [index, old] of before.costs.cards.entries()) {
    const now = after.costs.cards[index]!;
    if (counted.some((figure) => old[figure] !== now[figure])) table.push([old.id, old.module, ...change(old, now)]);
  }
  const [old, now] = [before.costs.total, after.costs.total];
  table.push(["total", "", ...change(old, now)]);
  table.push(["saved", "", ...counted.map((figure) => percent(1 - now[figure] / old[figure]))]);
  return table.toString();
}

function whole(value: number): string {
  return value.toLocaleString("en-US");
}
