/** `quarkgrad summary [FILE]`: Sora's layers, parameters and multiply–adds as a table. */
import { Command } from "commander";
import { study } from "../index.ts";
import { soraFrom } from "./model.ts";
import { wholeNumber } from "./usage.ts";

export function summaryCommand(): Command {
  return new Command("summary")
    .description("Shows the layers of Sora with their output shapes, parameters and multiply-adds.")
    .argument("[file]", "weights as safetensors; freshly seeded ones without it")
    .option("--batch-size <images>", "images in the batch", wholeNumber(1), 1)
    .action((file: string | undefined, { batchSize }: { readonly batchSize: number }) => {
      process.stdout.write(`${study.summary(soraFrom(file), [batchSize, 1, 28, 28])}\n`);
    });
}
