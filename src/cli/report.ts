/**
 * `quarkgrad report FILE`: everything that can be found out about a trained Sora, as one page that opens without a
 * network.
 */
import { accessSync, constants, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { mnist, writeWhole } from "../node.ts";
import { interruptedCode, watchInterrupt } from "./interrupt.ts";
import { neededFile, soraFrom } from "./model.ts";
import { UsageError, wholeNumber } from "./usage.ts";

interface ReportOptions {
  readonly digits: readonly number[];
  readonly limit: number;
  readonly threads: number;
  readonly out: string;
  readonly data?: string;
}

export function reportCommand(): Command {
  return new Command("report")
    .description(
      "Writes one HTML file about a trained Sora: graph, cost cards, filters, feature maps, importance, Grad-CAM, hashes.",
    )
    .argument("[file]", "what `quarkgrad train --save` wrote")
    .option(
      "--digits <list>",
      "which digits are looked at closely, such as 0,3,8",
      digitList,
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    )
    .option("--limit <images>", "measure removals on the first test images only", wholeNumber(1), 2000)
    .option("--threads <count>", "threads", wholeNumber(1, 16), Math.min(availableParallelism(), 16))
    .option("--data <folder>", "folder with the IDX files of MNIST, plain or .gz")
    .option("--out <file>", "the page that is written", "report.html")
    .action(run);
}

async function run(given: string | undefined, options: ReportOptions): Promise<void> {
  const file = neededFile("report", given);
  const { digits, limit, threads, out } = options;
  const model = soraFrom(file);
  const test = mnist("test", options.data === undefined ? {} : { root: options.data });
  checkWritable(out);
  // The other commands start without what only pages need.
  const { reportOf } = await import("./report/page.ts");
  const signal = watchInterrupt();
  const page = new TextEncoder().encode(await reportOf(model, test, { file, limit, threads, digits, signal }));
  signal.stop();
  writeWhole(out, page);
  process.stdout.write(`report written to ${out}, ${(page.length / 1e6).toFixed(1)} MB; open it in a browser\n`);
  if (signal.aborted) process.exitCode = interruptedCode;
}

function digitList(text: string): number[] {
  const digits = text.split(",").map((part) => part.trim());
  if (!digits.every((digit) => /^\d$/.test(digit)) || new Set(digits).size < digits.length) {
    throw new InvalidArgumentError("It must be different digits with commas between them, such as 0,3,8.");
  }
  return digits.map(Number);
}

/** A place that cannot be written to is said before a minute of measuring, not after it. */
function checkWritable(out: string): void {
  const folder = dirname(out);
  try {
    if (statSync(out, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`report: ${out} is a folder`);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`report: ${folder} is no folder that can be written to; make it, or choose another --out`);
  }
}
