/** `quarkgrad ablate FILE`: how much Sora needs each of its filters, layers and activations. */
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { setThreads } from "../index.ts";
import { mnist } from "../node.ts";
import { ablateWithProgress, correlationLines, describeSamples, importanceTable } from "./importance.ts";
import { interruptedCode, watchInterrupt } from "./interrupt.ts";
import { neededFile, soraFrom } from "./model.ts";
import { wholeNumber } from "./usage.ts";

interface AblateOptions {
  readonly limit: number;
  readonly neurons?: boolean;
  readonly threads: number;
  readonly data?: string;
  readonly json?: boolean;
}

export function ablateCommand(): Command {
  return new Command("ablate")
    .description("Removes each filter, layer and activation of a trained Sora in turn and measures what is lost.")
    .argument("[file]", "what `quarkgrad train --save` wrote")
    .option("--limit <images>", "measure on the first test images only", wholeNumber(1), 2000)
    .option("--neurons", "remove each neuron of the linear layers, too")
    .option("--threads <count>", "threads", wholeNumber(1, 16), Math.min(availableParallelism(), 16))
    .option("--data <folder>", "folder with the IDX files of MNIST, plain or .gz")
    .option("--json", "print the results as one JSON object in the last line")
    .action(run);
}

async function run(given: string | undefined, options: AblateOptions): Promise<void> {
  const model = soraFrom(neededFile("ablate", given));
  const test = mnist("test", options.data === undefined ? {} : { root: options.data });
  await setThreads(options.threads);
  const interrupt = watchInterrupt();
  const found = await ablateWithProgress(model, test, options, interrupt);
  interrupt.stop();
  const out = options.json ? process.stderr : process.stdout;
  const lines = [
    `on ${describeSamples(found, Math.min(options.limit, test.length), "test images")}:`,
    importanceTable(found),
    ...correlationLines(found),
    `restored exactly: weights have sha256 ${found.weightsSha256} before and after`,
  ];
  out.write(`${lines.join("\n")}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(found)}\n`);
  if (interrupt.aborted) process.exitCode = interruptedCode;
}
