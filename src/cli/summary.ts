/** `quarkgrad summary [FILE]`: Sora's layers, parameters and multiply–adds as a table. */
import { Command } from "commander";
import { study } from "../index.ts";
import { modelFrom } from "./model.ts";
import { wholeNumber } from "./usage.ts";

export function summaryCommand(): Command {
  return new Command("summary")
    .description(
      "Shows the layers of Sora, or of a model in a folder, with their output shapes, parameters and multiply-adds.",
    )
    .argument("[file]", "weights of Sora, or a folder that `decompose --out` wrote; freshly seeded Sora without it")
    .option("--batch-size <images>", "images in the batch", wholeNumber(1), 1)
    .action((file: string | undefined, { batchSize }: { readonly batchSize: number }) => {
      const { model, imageShape } = modelFrom(file);
      process.stdout.write(`${study.summary(model, [batchSize, ...imageShape])}\n`);
    });
}
