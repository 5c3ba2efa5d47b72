/** `quarkgrad eval FILE`: how well saved weights read the test images. */
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { setThreads } from "../index.ts";
import { mnist } from "../node.ts";
import { accuracyOf, confusionTable, evaluate, percent } from "./confusion.ts";
import { modelFrom } from "./model.ts";
import { wholeNumber } from "./usage.ts";

interface EvaluateOptions {
  readonly data?: string;
  readonly threads: number;
  readonly json?: boolean;
}

export function evaluateCommand(): Command {
  return new Command("eval")
    .description(
      "Reads weights of Sora, or a model in a folder, and shows accuracy and confusion matrix on the test images.",
    )
    .argument(
      "<file>",
      "weights of Sora (safetensors, npz, or a PyTorch state dict), or a folder that `decompose --out` wrote",
    )
    .option("--data <folder>", "folder with the IDX files of MNIST, plain or .gz")
    .option("--threads <count>", "threads", wholeNumber(1, 16), Math.min(availableParallelism(), 16))
    .option("--json", "print the results as one JSON object in the last line")
    .action(run);
}

async function run(file: string, options: EvaluateOptions): Promise<void> {
  const { model } = modelFrom(file);
  const test = mnist("test", options.data === undefined ? {} : { root: options.data });
  await setThreads(options.threads);
  const confusion = await evaluate(model, test);
  const testAccuracy = accuracyOf(confusion);
  const out = options.json ? process.stderr : process.stdout;
  out.write(`${confusionTable(confusion)}\n\ntest accuracy ${percent(testAccuracy)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify({ testAccuracy, confusion })}\n`);
}
