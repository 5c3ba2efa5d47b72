/**
 * Benign or malignant, from 30 measurements of cell nuclei: a small network beside logistic regression, 5-fold, with its calibration and
 * what each diagnosis rests on. README.md explains it, and says what such a model must not be used for.
 */
import { fileURLToPath } from "node:url";
import {
  crossEntropy,
  data,
  fit,
  Generator,
  manualSeed,
  metrics,
  nn,
  noGrad,
  optim,
  scope,
  setThreads,
  study,
  type Tensor,
  tensor,
  weightsSha256,
} from "quarkgrad";
import { readCsv } from "quarkgrad/node";
import { meanOf, percent, proveParts, showNeeds } from "../shared/takenApart.ts";

const folds = 5;
const table = readCsv(fileURLToPath(new URL("data/wdbc.csv", import.meta.url)));
const names = table.names.filter((name) => name !== "diagnosis");
const numbers = table.numbers(names).keep();
/** 1 is malignant. */
const labels = table.column("diagnosis").map((text) => (text === "malignant" ? 1 : 0));

/** Logistic regression: one sum of products. */
const regression = () => new nn.Linear(30, 2);
/** A hidden layer of 16 neurons. */
const network = () =>
  new nn.Sequential(new nn.Linear(30, 16), new nn.ReLU(), new nn.Dropout(0.5), new nn.Linear(16, 2));

/** The samples with these numbers, each column brought to mean 0 and deviation 1 on the training samples alone. */
function part(rows: readonly number[], training: readonly number[]): data.TensorDataset<"images" | "labels"> {
  const all = numbers.data;
  const columns = names.map((_, column) => {
    const values = training.map((row) => all[row * 30 + column]!);
    const mean = meanOf(values);
    return { mean, deviation: Math.sqrt(meanOf(values.map((value) => (value - mean) * (value - mean)))) };
  });
  const scaled = rows.flatMap((row) =>
    columns.map(({ mean, deviation }, c) => (all[row * 30 + c]! - mean) / deviation),
  );
  return new data.TensorDataset({
    images: tensor(scaled).reshape([rows.length, 30]),
    labels: tensor(
      rows.map((row) => labels[row]!),
      { dtype: "int32" },
    ),
  });
}

/** Folds with the same share of malignant samples each, drawn by a seed. */
function foldsOf(seed: number): number[][] {
  const generator = new Generator(seed);
  const result: number[][] = Array.from({ length: folds }, () => []);
  for (const wanted of [0, 1]) {
    const rows = labels.flatMap((label, row) => (label === wanted ? [row] : []));
    for (let left = rows.length; left > 0; left--) {
      const [row] = rows.splice(generator.below(left), 1);
      result[left % folds]!.push(row!);
    }
  }
  return result;
}

function trained<Model extends nn.Module>(make: () => Model, training: data.TensorDataset<"images" | "labels">): Model {
  const model = make();
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.01, weightDecay: 0.3 });
  const epochs = 20;
  fit(model, new data.DataLoader(training, { batchSize: 32, shuffle: true }), {
    loss: (model, batch) => crossEntropy(model.forward(batch.images), batch.labels),
    optimizer,
    epochs,
    schedule: new optim.CosineAnnealingLR(optimizer, epochs),
  });
  optimizer.dispose();
  return model.eval();
}

/** The chance of class 1 for each row. */
function chances(model: nn.Module, images: Tensor): number[] {
  return noGrad(() => scope(() => [...model.forward(images).softmax(1).data].filter((_, index) => index % 2 === 1)));
}

interface Result {
  /** Out of fold: of models that did not see the sample. */
  readonly probabilities: number[];
  readonly sha256: string;
  readonly seconds: number;
}

function crossValidated(make: () => nn.Module, seed: number): Result {
  manualSeed(seed);
  const started = performance.now();
  const probabilities = new Array<number>(labels.length);
  let sha256 = "";
  for (const held of foldsOf(seed)) {
    scope(() => {
      const training = labels.map((_, row) => row).filter((row) => !held.includes(row));
      const model = trained(make, part(training, training));
      const { images } = part(held, training).batch(held.map((_, index) => index));
      for (const [index, chance] of chances(model, images).entries()) probabilities[held[index]!] = chance;
      sha256 = weightsSha256(model);
      model.dispose();
    });
  }
  return { probabilities, sha256, seconds: (performance.now() - started) / 1000 };
}

console.log(`${labels.length} samples, ${names.length} measurements; ${folds} folds, seeds 0 to 2`);
let last: number[] = [];
for (const [name, make] of [
  ["logistic regression", regression],
  ["network 30–16–2", network],
] as const) {
  const runs: Result[] = [];
  for (const seed of [0, 1, 2]) runs.push(crossValidated(make, seed));
  const of = (measure: (chances: number[]) => number) => runs.map(({ probabilities }) => measure(probabilities));
  const auc = of((chances) => metrics.rocAuc(chances, labels));
  const right = of((found) =>
    metrics.accuracy(
      found.map((chance) => (chance > 0.5 ? 1 : 0)),
      labels,
    ),
  );
  const missed = of((found) => found.filter((chance, row) => chance <= 0.5 && labels[row] === 1).length);
  const error = of((found) => metrics.calibrationError(found, labels));
  await setThreads(2);
  const again = crossValidated(make, 2);
  await setThreads(1);
  console.log(`${name}:`);
  console.log(`  AUC ${auc.map((value) => value.toFixed(4)).join(" ")}, accuracy ${right.map(percent).join(" ")}`);
  console.log(
    `  malignant samples missed ${missed.join(" ")} of ${labels.filter(Boolean).length}, calibration error ${error.map((e) => e.toFixed(3)).join(" ")}`,
  );
  const same = again.sha256 === runs[2]!.sha256;
  console.log(
    `  ${(runs[2]!.seconds / folds / 20).toFixed(4)} s an epoch on one thread, ${(again.seconds / folds / 20).toFixed(4)} s on two, weights ${again.sha256.slice(0, 12)} ${same ? "on both" : "DIFFER"}`,
  );
  last = runs[0]!.probabilities;
}

console.log("\nWhat a predicted chance means (network, seed 0):");
for (const { count, predicted, observed } of metrics.calibrationCurve(last, labels)) {
  const bar = "█".repeat(Math.round(observed * 40)).padEnd(40, "·");
  console.log(`  predicted ${predicted.toFixed(2)}  observed ${observed.toFixed(2)} ${bar} ${count} samples`);
}

manualSeed(0);
const rows = labels.map((_, row) => row);
const everything = part(rows, rows);
const model = trained(network, everything);
const { images, labels: truth } = everything.batch(rows);
console.log("\nThe network, taken apart:");
console.log(study.summary(model, images));
proveParts(model, images);
showNeeds(model, everything, { neurons: true });

console.log("\nWhat the diagnoses rest on (integrated gradients of class malignant, from the average sample):");
const malignant = labels.map(() => 1);
const attribution = study.integratedGradients(model, images, malignant, { steps: 256 });
const sums = study.completeness(model, images, malignant, attribution);
console.log(
  `  completeness: largest difference ${Math.max(...sums.map((one) => Math.abs(one.sum - one.difference))).toExponential(1)} of scores up to ${Math.max(...sums.map((one) => Math.abs(one.difference))).toFixed(1)}`,
);
const ranked = names
  .map((name, column) => ({ name, mean: meanOf(rows.map((row) => Math.abs(attribution.data[row * 30 + column]!))) }))
  .sort((a, b) => b.mean - a.mean);
for (const { name, mean } of ranked.slice(0, 8)) console.log(`  ${mean.toFixed(3)} ${name.replaceAll("_", " ")}`);
console.log(
  `\nTrained on all samples, accuracy on them ${percent(metrics.accuracy(model.forward(images), truth))}: no measure of anything.`,
);
