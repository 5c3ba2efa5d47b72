/** `quarkgrad predict FILE IMAGE…`: which digit a picture shows. */
import { Command } from "commander";
import { noGrad, scope, softmax, study, tensor } from "../index.ts";
import { readWhole } from "../node.ts";
import { percent } from "./confusion.ts";
import { modelFrom } from "./model.ts";
import { UsageError } from "./usage.ts";

export function predictCommand(): Command {
  return new Command("predict")
    .description("Reads a digit from each picture, and shows the ten probabilities.")
    .argument("<file>", "weights of Sora, or a folder that `decompose --out` wrote")
    .argument(
      "<image...>",
      "PNG or JPEG; grey, scaled and centred as MNIST is, and inverted where the background is light",
    )
    .option("--json", "print one JSON object in the last line")
    .action(predict);
}

interface Prediction {
  readonly image: string;
  readonly digit: number;
  readonly probabilities: readonly number[];
}

async function predict(file: string, images: readonly string[], { json }: { readonly json?: boolean }): Promise<void> {
  // Decoders of pictures are read only where they are needed.
  const { digitOf, readPicture } = await import("./digit.ts");
  const { model, imageShape } = modelFrom(file);
  if (imageShape.join() !== "1,28,28")
    throw new UsageError(`predict: the model takes images of ${imageShape.join("×")}, not 1×28×28`);
  model.eval();
  const out = json ? process.stderr : process.stdout;
  const predictions = images.map((image): Prediction => {
    const pixels = digitOf(readPicture(readWhole(image), image));
    const probabilities = scope(() =>
      noGrad(() => {
        const logits = model.forward(tensor(pixels, { shape: [1, ...imageShape] }));
        return [...softmax(logits, -1).data];
      }),
    );
    const digit = probabilities.indexOf(Math.max(...probabilities));
    out.write(`${study.escaped(image)}: ${digit}\n${barsOf(probabilities)}\n`);
    return { image, digit, probabilities };
  });
  if (json) process.stdout.write(`${JSON.stringify({ predictions })}\n`);
}

const longest = 40;

function barsOf(probabilities: readonly number[]): string {
  return probabilities
    .map(
      (share, digit) =>
        `  ${digit} ${"█".repeat(Math.round(share * longest)).padEnd(longest)} ${percent(share).padStart(8)}`,
    )
    .join("\n");
}
