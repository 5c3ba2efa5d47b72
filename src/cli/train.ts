/** `quarkgrad train`: trains Sora on MNIST and shows how well it reads the test images. */
import { availableParallelism } from "node:os";
import { Command } from "commander";
import {
  crossEntropy,
  data,
  defaultGenerator,
  manualSeed,
  memory,
  optim,
  runtime,
  Sora,
  setThreads,
  weightsSha256,
} from "../index.ts";
import { checkWritable, mnist, saveModel } from "../node.ts";
import { accuracyOf, type Confusion, confusionTable, evaluate, percent } from "./confusion.ts";
import { breathe, type Interrupt, interruptedCode, watchInterrupt } from "./interrupt.ts";
import { duration, showProgress } from "./progress.ts";
import {
  beginning,
  checkpointsOf,
  resumedOptions,
  type TrainCheckpoint,
  type TrainOptions,
  type TrainProgress,
} from "./trainCheckpoint.ts";
import { positiveNumber, wholeNumber } from "./usage.ts";

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
    .option(
      "--checkpoint <folder>",
      "write all that is needed to go on, now and then and on Ctrl-C; the last two are kept",
    )
    .option("--checkpoint-every <steps>", "steps between two checkpoints", wholeNumber(1), 250)
    .option("--resume", "go on where the checkpoints of --checkpoint end, with the options they were made with")
    .option("--json", "print the results as one JSON object in the last line")
    .action(train);
}

async function train(given: TrainOptions, command: Command): Promise<void> {
  // Hours of work end with these paths.
  if (given.save !== undefined) checkWritable(given.save);
  const say = (text: string) => (given.json ? process.stderr : process.stdout).write(`${text}\n`);
  const options = given.resume ? await resumedOptions(given, command) : given;
  const source = options.data === undefined ? {} : { root: options.data };
  const whole = mnist("train", source);
  const training = options.limit === undefined ? whole : new data.Subset(whole, options.limit);
  const test = mnist("test", source);
  await setThreads(options.threads);
  manualSeed(options.seed);
  const model = new Sora();
  const optimizer = new optim.Adam(model.parameters(), { lr: options.lr });
  const loader = new data.DataLoader(training, { batchSize: options.batchSize, shuffle: true });
  const checkpoint = await checkpointsOf(options, { model, optimizer, loader, generator: defaultGenerator });
  say(
    `Sora, ${countOf(model).toLocaleString("en-US")} parameters, on ${training.length.toLocaleString("en-US")} images of MNIST; ${describeThreads(options.threads)}`,
  );
  const progress = (await checkpoint?.resume(say)) ?? beginning();
  const run = { model, optimizer, loader, test, options, say };

  const interrupt = watchInterrupt();
  let confusion: Confusion | undefined;
  while (progress.epoch <= options.epochs && !interrupt.aborted) {
    confusion = await trainEpoch(run, progress, interrupt, checkpoint);
  }
  interrupt.stop();
  // Where all epochs were done before.
  confusion ??= await evaluate(model, test);

  const testAccuracy = accuracyOf(confusion);
  say(`\n${confusionTable(confusion)}\n\ntest accuracy ${percent(testAccuracy)}`);
  if (options.save !== undefined) {
    saveModel(model, options.save);
    say(`weights written to ${options.save}`);
  }
  if (options.json) {
    const { epochs, steps, stepSeconds } = progress;
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

interface Run {
  readonly model: Sora;
  readonly optimizer: optim.Adam;
  readonly loader: data.DataLoader<data.ImageBatch>;
  readonly test: data.ImageDataset;
  readonly options: TrainOptions;
  readonly say: (text: string) => void;
}

/** Trains an epoch, or the rest of one, and evaluates. */
async function trainEpoch(
  { model, optimizer, loader, test, options, say }: Run,
  progress: TrainProgress,
  interrupt: Interrupt,
  checkpoint: TrainCheckpoint | undefined,
): Promise<Confusion> {
  const { epoch, done: before } = progress;
  const started = performance.now();
  const shown = showProgress(`epoch ${epoch}/${options.epochs}`, loader.length, options.batchSize, before);
  for (const { images, labels } of loader) {
    const stepStarted = performance.now();
    optimizer.zeroGrad();
    const loss = crossEntropy(model.forward(images), labels);
    loss.backward();
    optimizer.step();
    // The last batch may be smaller, so the mean over images weighs each loss with its batch.
    progress.lossSum += loss.item() * labels.size;
    progress.seen += labels.size;
    progress.steps++;
    shown.update(++progress.done, progress.lossSum / progress.seen);
    progress.stepSeconds += (performance.now() - stepStarted) / 1000;
    if (checkpoint?.isDue(progress.steps)) await checkpoint.save(progress);
    await breathe();
    if (interrupt.aborted) break;
  }
  shown.stop();
  if (interrupt.aborted) await checkpoint?.save(progress);
  const { lossSum, seen, done } = progress;
  const confusion = await evaluate(model, test);
  const seconds = (performance.now() - started) / 1000;
  const result = { loss: lossSum / seen, testAccuracy: accuracyOf(confusion), seconds };
  const partly = interrupt.aborted ? ` (stopped after ${done} of ${loader.length} steps)` : "";
  say(
    `epoch ${epoch}/${options.epochs}: train loss ${result.loss.toFixed(4)}, test accuracy ${percent(result.testAccuracy)}, ${duration(seconds)}${partly}`,
  );
  progress.epochs.push(result);
  if (interrupt.aborted) return confusion;
  Object.assign(progress, { epoch: epoch + 1, lossSum: 0, seen: 0, done: 0 });
  await checkpoint?.save(progress);
  return confusion;
}

function countOf(model: Sora): number {
  return [...model.parameters()].reduce((count, parameter) => count + parameter.size, 0);
}

function describeThreads(asked: number): string {
  const { threads, reason } = runtime();
  return `${threads === 1 ? "1 thread" : `${threads} threads`}${threads < asked ? ` (${reason})` : ""}`;
}
