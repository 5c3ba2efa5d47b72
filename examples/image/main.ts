/**
 * Clothes: Sora on Fashion-MNIST, beside a single layer of weights; where it looks, and what it needs. README.md explains it.
 * Options: --data FOLDER, --epochs N, --limit IMAGES, --seeds N.
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  crossEntropy,
  data,
  fit,
  manualSeed,
  metrics,
  nn,
  noGrad,
  optim,
  Sora,
  scope,
  setThreads,
  study,
  type Tensor,
  weightsSha256,
} from "quarkgrad";
import { mnist, SummaryWriter } from "quarkgrad/node";
import { percent, proveParts, showNeeds } from "../shared/takenApart.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "/usr/share/datasets/fashion-mnist" },
    epochs: { type: "string", default: "8" },
    limit: { type: "string", default: "60000" },
    seeds: { type: "string", default: "1" },
    log: { type: "string" },
  },
});
const root = values.data;
const epochs = Number(values.epochs);
const classes = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"];

if (!existsSync(root)) {
  console.error(
    `${root}: no such folder; get the images by: apt-get install dataset-fashion-mnist (or name a folder by --data)`,
  );
  process.exit(1);
}
const training = new data.Subset(mnist("train", { root }), Number(values.limit));
const test = mnist("test", { root });

/** The baseline: one weight for each pixel and class. */
class Linear extends nn.Module {
  readonly fc = new nn.Linear(28 * 28, 10);

  forward(images: Tensor): Tensor {
    return this.fc.forward(images.flatten(1));
  }
}

/** What the model makes of all test images: scores [10000, 10], in batches. */
function predicted(model: nn.Module): number[] {
  model.eval();
  const found: number[] = [];
  for (const { images } of new data.DataLoader(test, { batchSize: 250 })) {
    noGrad(() => found.push(...model.forward(images).argmax(1).data));
  }
  model.train();
  return found;
}

function trained<Model extends nn.Module>(name: string, make: () => Model, seed: number): Model {
  manualSeed(seed);
  const model = make();
  const loader = new data.DataLoader(training, { batchSize: 64, shuffle: true });
  const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
  const writer = values.log === undefined ? undefined : new SummaryWriter(`${values.log}/${name}-${seed}`);
  const history = fit(model, loader, {
    loss: (model, { images, labels }) => crossEntropy(model.forward(images), labels),
    optimizer,
    epochs,
    schedule: new optim.OneCycleLR(optimizer, 2e-3, { totalSteps: epochs * loader.length + 1 }),
    scheduleEvery: "step",
    progress: true,
    ...(writer && { writer }),
  });
  writer?.close();
  optimizer.dispose();
  const seconds = history.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0) / history.epochs.length;
  const right = metrics.accuracy(predicted(model), test.labels);
  console.log(
    `${name}, seed ${seed}: test accuracy ${percent(right)}, ${seconds.toFixed(1)} s an epoch, weights ${weightsSha256(model).slice(0, 12)}`,
  );
  return model;
}

await setThreads(2);
trained("linear", () => new Linear(), 0).dispose();
let model = trained("Sora", () => new Sora(), 0);
for (let seed = 1; seed < Number(values.seeds); seed++) {
  model.dispose();
  model = trained("Sora", () => new Sora(), seed);
}

const found = predicted(model);
console.log("\nWhat it takes for what (rows: true, columns: predicted):");
const matrix = metrics.confusionMatrix(found, test.labels);
for (const [row, counts] of matrix.entries()) {
  console.log(`  ${classes[row]!.padEnd(9)} ${counts.map((count) => String(count).padStart(4)).join(" ")}`);
}

console.log("\nTaken apart:");
scope(() => proveParts(model, test.batch([0, 1, 2, 3]).images));
await setThreads(1);
showNeeds(model, test, { limit: 500 });

console.log("\nWhere the class lies (Grad-CAM of conv2, the first test image of a few classes):");
for (const label of [1, 5, 8]) {
  scope(() => {
    const { images } = test.batch([test.labels.indexOf(label)]);
    const map = study.gradCam(model, images, label);
    console.log(`  ${classes[label]}:`);
    draw(map, images);
  });
}

/** A picture and where the class lies in it, side by side, in half the rows. */
function draw(map: Tensor, image: Tensor): void {
  const shades = " ·░▒▓█";
  const side = (values: ArrayLike<number>, row: number) => {
    const largest = Math.max(...Array.from(values), 1e-9);
    return Array.from({ length: 28 }, (_, column) => {
      const value = values[row * 28 + column]! / largest;
      return shades[Math.min(shades.length - 1, Math.floor(value * shades.length))];
    }).join("");
  };
  for (let row = 0; row < 28; row += 2) console.log(`    ${side(image.data, row)}   ${side(map.data, row)}`);
}
