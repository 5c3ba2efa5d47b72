/** `quarkgrad train`: trains Sora on MNIST and shows how well it reads the test images. */
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { crossEntropy, data, manualSeed, memory, optim, runtime, Sora, setThreads, weightsSha256 } from "../index.ts";
import { mnist, saveModel } from "../node.ts";
import { accuracyOf, type Confusion, confusionTable, evaluate, percent } from "./confusion.ts";
import { breathe, interruptedCode, watchInterrupt } from "./interrupt.ts";
import { duration, showProgress } from "./progress.ts";
import { positiveNumber, wholeNumber } from "./usage.ts";

interface TrainOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly seed: number;
  readonly threads: number;
  readonly limit?: number;
  readonly data?: string;
  readonly save?: string;
  readonly json?: boolean;
}

interface Epoch {
  readonly loss: number;
  readonly testAccuracy: number;
  readonly seconds: number;
}

export function trainCommand(): Command {
  return new Command("train")
    .description("Trains the Sora CNN on MNIST with Adam and shows its accuracy on the test images.")
    .option("--epochs <count>", "passes over the training images", wholeNumber(1), 3)
    .option("--batch-size <images>", "images in a step", wholeNumber(1), 64)
    .option("--lr <rate>", "Adam's learning rate", positiveNumber, 1e-3)
    .option("--seed <number>", "seed of the weights and of the order of the images", wholeNumber(0), 0)
    .option(
      "--threads <count>",
      "threads; the results are the same bits for any number",
      wholeNumber(1, 16),
      Math.min(availableParallelism(), 16),
    )
    .option("--limit <images>", "train on the first images only", wholeNumber(1))
    .option("--data <folder>", "folder with the four IDX files of MNIST, plain or .gz")
    .option("--save <file>", "write the weights as safetensors, with PyTorch's names and layouts")
    .option("--json", "print the results as one JSON object in the last line")
    .action(train);
}

async function train(options: TrainOptions): Promise<void> {
  const source = options.data === undefined ? {} : { root: options.data };
  const whole = mnist("train", source);
  const training = options.limit === undefined ? whole : new data.Subset(whole, options.limit);
  const test = mnist("test", source);
  await setThreads(options.threads);
  manualSeed(options.seed);
  const model = new Sora();
  const optimizer = new optim.Adam(model.parameters(), { lr: options.lr });
  const loader = new data.DataLoader(training, { batchSize: options.batchSize, shuffle: true });
  const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`);
  say(
    `Sora, ${countOf(model).toLocaleString("en-US")} parameters, on ${training.length.toLocaleString("en-US")} images of MNIST; ${describeThreads(options.threads)}`,
  );

  const interrupt = watchInterrupt();
  const epochs: Epoch[] = [];
  let confusion: Confusion = [];
  let steps = 0;
  let stepSeconds = 0;
  for (let epoch = 1; epoch <= options.epochs && !interrupt.aborted; epoch++) {
    const started = performance.now();
    const progress = showProgress(`epoch ${epoch}/${options.epochs}`, loader.length, options.batchSize);
    let lossSum = 0;
    let seen = 0;
    let done = 0;
    for (const { images, labels } of loader) {
      optimizer.zeroGrad();
      const loss = crossEntropy(model.forward(images), labels);
      loss.backward();
      optimizer.step();
      // The last batch may be smaller, so the mean over images weighs each loss with its batch.
      lossSum += loss.item() * labels.size;
      seen += labels.size;
      progress.update(++done, lossSum / seen);
      await breathe();
      if (interrupt.aborted) break;
    }
    progress.stop();
    steps += done;
    stepSeconds += (performance.now() - started) / 1000;
    confusion = await evaluate(model, test);
    const result = {
      loss: lossSum / seen,
      testAccuracy: accuracyOf(confusion),
      seconds: (performance.now() - started) / 1000,
    };
    epochs.push(result);
    const partly = interrupt.aborted ? ` (stopped after ${done} of ${loader.length} steps)` : "";
    say(
      `epoch ${epoch}/${options.epochs}: train loss ${result.loss.toFixed(4)}, test accuracy ${percent(result.testAccuracy)}, ${duration(result.seconds)}${partly}`,
    );
  }
  interrupt.stop();

  const testAccuracy = accuracyOf(confusion);
  say(`\n${confusionTable(confusion)}\n\ntest accuracy ${percent(testAccuracy)}`);
  if (options.save !== undefined) {
    saveModel(model, options.save);
    say(`weights written to ${options.save}`);
  }
  if (options.json) {
    const report = {
      epochs,
      testAccuracy,
      stepMilliseconds: (1000 * stepSeconds) / steps,
      imagesPerSecond: (steps * options.batchSize) / stepSeconds,
      weightsSha256: weightsSha256(model),
      peakBytes: memory().peakBytes,
      threads: runtime().threads,
      runtime: `node ${process.versions.node}, v8 ${process.versions.v8}, ${process.platform} ${process.arch}`,
    };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
  if (interrupt.aborted) process.exitCode = interruptedCode;
}

function countOf(model: Sora): number {
  return [...model.parameters()].reduce((count, parameter) => count + parameter.size, 0);
}

function describeThreads(asked: number): string {
  const { threads, reason } = runtime();
  return `${threads === 1 ? "1 thread" : `${threads} threads`}${threads < asked ? ` (${reason})` : ""}`;
}
