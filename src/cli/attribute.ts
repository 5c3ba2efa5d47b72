/** `quarkgrad attribute FILE`: which pixels Sora reads a digit from, as pictures. */
import { join } from "node:path";
import Table from "cli-table3";
import { Command, Option } from "commander";
import { argmax, noGrad, type Sora, scope, slice, study, type Tensor } from "../index.ts";
import { mnist } from "../node.ts";
import { neededFile, soraFrom } from "./model.ts";
import { savePicture } from "./png.ts";
import { wholeNumber } from "./usage.ts";

type Method = (model: Sora, input: Tensor, target: study.Target, options: { readonly steps: number }) => Tensor;

const methods: Readonly<Record<"saliency" | "gradient" | "integrated" | "occlusion" | "gradcam", Method>> = {
  saliency: study.saliency,
  gradient: study.gradientTimesInput,
  integrated: study.integratedGradients,
  occlusion: (model, input, target) => study.occlusion(model, input, target),
  gradcam: (model, input, target) => study.gradCam(model, input, target),
};

interface AttributeOptions {
  readonly method: keyof typeof methods;
  readonly count: number;
  readonly steps: number;
  readonly out: string;
  readonly data?: string;
}

export function attributeCommand(): Command {
  return new Command("attribute")
    .description("Shows which pixels of test images the scores of a trained Sora come from.")
    .argument("[file]", "what `quarkgrad train --save` wrote")
    .addOption(new Option("--method <name>", "how").choices(Object.keys(methods)).default("integrated"))
    .option("--count <images>", "the first so many test images", wholeNumber(1, 1000), 10)
    .option("--steps <count>", "pieces of the path of integrated gradients", wholeNumber(1, 10000), 64)
    .option("--out <folder>", "folder for the pictures", "attribution")
    .option("--data <folder>", "folder with the IDX files of MNIST, plain or .gz")
    .action((file: string | undefined, options: AttributeOptions) => {
      const model = soraFrom(neededFile("attribute", file));
      process.stdout.write(`${scope(() => attribute(model, options))}\n`);
    });
}

function attribute(model: Sora, { method, count, steps, out, data }: AttributeOptions): string {
  const test = mnist("test", data === undefined ? {} : { root: data });
  const { images } = test.batch(Array.from({ length: Math.min(count, test.length) }, (_, index) => index));
  const classes = noGrad(() => [...argmax(model.forward(images), -1).data]);
  const map = methods[method](model, images, classes, { steps });
  const lines = [picturesOf(model, images, map, method, out)];
  if (method === "integrated" || method === "gradient") {
    lines.unshift(completenessTable(classes, study.completeness(model, images, classes, map)));
  }
  return lines.join("\n\n");
}

/** Writes the digits, what was found, and the filters and feature maps of the first digit. */
function picturesOf(model: Sora, images: Tensor, map: Tensor, method: string, out: string): string {
  const colors = method === "saliency" || method === "gradcam" ? "gray" : "signed";
  const first = slice(images, [[0, 1]]);
  const sheets: Readonly<Record<string, study.Picture>> = {
    digits: study.contactSheet(images, { columns: 10 }),
    [method]: study.contactSheet(map, { columns: 10, colors }),
    "conv1-filters": study.contactSheet(model.conv1.weight, { columns: 8, scale: 12, colors: "signed" }),
    "conv2-filters": study.contactSheet(model.conv2.weight, { scale: 3, gap: 1, colors: "signed" }),
    "conv1-maps": study.contactSheet(study.featureMaps(model, first, { node: "relu#1" }), { columns: 8, scale: 3 }),
    "conv2-maps": study.contactSheet(study.featureMaps(model, first, { node: "relu#2" }), { columns: 8, scale: 4 }),
  };
  const files = Object.entries(sheets).map(([name, picture]) => savePicture(join(out, `${name}.png`), picture));
  return `pictures: ${files.join(", ")}`;
}

function completenessTable(classes: readonly number[], found: readonly study.Completeness[]): string {
  const table = new Table({
    head: ["image", "class", "sum", "score − score of black", "off by"],
    colAligns: ["right", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  found.forEach(({ sum, difference, error }, index) => {
    table.push([
      String(index),
      String(classes[index]),
      sum.toFixed(5),
      difference.toFixed(5),
      `${(100 * error).toFixed(3)} %`,
    ]);
  });
  return table.toString();
}
