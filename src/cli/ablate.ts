/** `quarkgrad ablate FILE`: how much Sora needs each of its filters, layers and activations. */
import { availableParallelism } from "node:os";
import Table from "cli-table3";
import { Command } from "commander";
import { setThreads, study } from "../index.ts";
import { mnist } from "../node.ts";
import { percent } from "./confusion.ts";
import { neededFile, soraFrom } from "./model.ts";
import { showProgress } from "./progress.ts";
import { wholeNumber } from "./usage.ts";

interface AblateOptions {
  readonly limit: number;
  readonly threads: number;
  readonly data?: string;
  readonly json?: boolean;
}

const batchSize = 100;

export function ablateCommand(): Command {
  return new Command("ablate")
    .description("Removes each filter, layer and activation of a trained Sora in turn and measures what is lost.")
    .argument("[file]", "what `quarkgrad train --save` wrote")
    .option("--limit <images>", "measure on the first test images only", wholeNumber(1), 2000)
    .option("--threads <count>", "threads", wholeNumber(1, 16), Math.min(availableParallelism(), 16))
    .option("--data <folder>", "folder with the IDX files of MNIST, plain or .gz")
    .option("--json", "print the results as one JSON object in the last line")
    .action(run);
}

async function run(given: string | undefined, options: AblateOptions): Promise<void> {
  const model = soraFrom(neededFile("ablate", given));
  const test = mnist("test", options.data === undefined ? {} : { root: options.data });
  await setThreads(options.threads);
  const found = ablateWithProgress(model, test, options.limit);
  const out = options.json ? process.stderr : process.stdout;
  out.write(`${importanceTable(found)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(found)}\n`);
}

/** Measures every removal while a bar shows how far it is. */
export function ablateWithProgress(
  model: Parameters<typeof study.ablate>[0],
  dataset: Parameters<typeof study.ablate>[1],
  limit: number,
): study.Ablation {
  let progress: ReturnType<typeof showProgress> | undefined;
  try {
    return study.ablate(model, dataset, {
      limit,
      batchSize,
      onProgress(done, total, loss) {
        progress ??= showProgress("removals", total, Math.min(batchSize, limit));
        if (done > 0) progress.update(done, loss);
      },
    });
  } finally {
    progress?.stop();
  }
}

const kinds = ["filter", "layer", "activation"] as const;

/** Filters, layers and activations, the most needed of each first. */
function importanceTable({
  samples,
  loss,
  accuracy,
  removals,
  rankCorrelation,
  weightsSha256,
}: study.Ablation): string {
  const table = new Table({
    head: ["removed", "module", "kind", "loss", "rise", "accuracy", "|grad·act|", "weight norm"],
    colAligns: ["left", "left", "left", "right", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  table.push(["nothing", "", "", loss.toFixed(5), "", percent(accuracy), "", ""]);
  for (const kind of kinds) {
    const rows = removals.filter((removal) => removal.kind === kind).sort((a, b) => b.lossIncrease - a.lossIncrease);
    for (const row of rows) {
      table.push([
        row.id,
        row.module,
        kind,
        row.loss.toFixed(5),
        row.lossIncrease.toFixed(5),
        percent(row.accuracy),
        row.gradientActivation.toFixed(5),
        row.weightNorm?.toFixed(3) ?? "–",
      ]);
    }
  }
  return [
    `on the first ${samples.toLocaleString("en-US")} test images:`,
    table.toString(),
    `rank correlation with the rise of the loss, over all filters: |gradient × activation| ${rankCorrelation.gradientActivation.toFixed(3)}, weight norm ${rankCorrelation.weightNorm.toFixed(3)}`,
    `restored exactly: weights have sha256 ${weightsSha256} before and after`,
  ].join("\n");
}
