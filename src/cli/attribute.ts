/** `quarkgrad attribute FILE`: which pixels Sora reads a digit from, as pictures. */
import { join } from "node:path";
import Table from "cli-table3";
import { Command, Option } from "commander";
import { argmax, noGrad, reshape, type Sora, scope, slice, study, type Tensor, tensor } from "../index.ts";
import { mnist } from "../node.ts";
import { breathe, interruptedCode, watchInterrupt } from "./interrupt.ts";
import { filterLayers, neededFile, soraFrom } from "./model.ts";
import { savePicture } from "./png.ts";
import { showProgress } from "./progress.ts";
import { wholeNumber } from "./usage.ts";

interface Method {
  readonly map: (model: Sora, input: Tensor, target: study.Target, options: { readonly steps: number }) => Tensor;
  /** What its picture shows. */
  readonly legend: string;
  readonly colors: "gray" | "signed";
  /** Whether the numbers of an image should add up to its score. */
  readonly adds?: boolean;
}

const methods: Readonly<Record<"saliency" | "gradient" | "integrated" | "occlusion" | "gradcam", Method>> = {
  saliency: { map: study.saliency, legend: "bright where a change moves the score most", colors: "gray" },
  gradient: {
    map: study.gradientTimesInput,
    legend: "red speaks for the class, blue against it",
    colors: "signed",
    adds: true,
  },
  integrated: {
    map: study.integratedGradients,
    legend: "red speaks for the class, blue against it",
    colors: "signed",
    adds: true,
  },
  occlusion: {
    map: (model, input, target) => study.occlusion(model, input, target),
    legend: "red where covering 4×4 pixels lowers the score, blue where it raises it",
    colors: "signed",
  },
  gradcam: {
    map: (model, input, target) => study.gradCam(model, input, target),
    legend: "bright where the last feature maps speak for the class",
    colors: "gray",
  },
};

interface AttributeOptions {
  readonly method: keyof typeof methods;
  readonly count: number;
  readonly steps: number;
  readonly out: string;
  readonly data?: string;
  readonly json?: boolean;
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
    .option("--json", "print the results as one JSON object in the last line")
    .action(run);
}

/** One image: what it is, what it was read as, what its pixels got, and whether that adds up. */
interface Attributed {
  readonly label: number;
  readonly predicted: number;
  readonly map: Float32Array;
  readonly completeness: study.Completeness | undefined;
}

async function run(given: string | undefined, options: AttributeOptions): Promise<void> {
  const model = soraFrom(neededFile("attribute", given));
  const test = mnist("test", options.data === undefined ? {} : { root: options.data });
  const asked = Math.min(options.count, test.length);
  const interrupt = watchInterrupt();
  const progress = showProgress("images", asked, 1);
  const found: Attributed[] = [];
  while (found.length < asked && !(interrupt.aborted && found.length > 0)) {
    found.push(scope(() => attributed(model, test.batch([found.length]), options)));
    progress.update(found.length);
    await breathe();
  }
  progress.stop();
  interrupt.stop();

  const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`);
  const partly = found.length < asked ? ` (stopped by Ctrl-C after ${found.length} of ${asked})` : "";
  say(`${options.method}: ${methods[options.method].legend}${partly}`);
  say(imageTable(found));
  if (methods[options.method].adds) say(worstLine(found));
  const pictures = scope(() => picturesOf(model, test.batch(found.map((_, index) => index)).images, found, options));
  say(`pictures: ${pictures.join(", ")}`);
  if (options.json) {
    const images = found.map(({ label, predicted, completeness }) => ({ label, predicted, ...completeness }));
    process.stdout.write(`${JSON.stringify({ method: options.method, images, pictures })}\n`);
  }
  if (interrupt.aborted) process.exitCode = interruptedCode;
}

function attributed(
  model: Sora,
  { images, labels }: { readonly images: Tensor; readonly labels: Tensor },
  { method, steps }: AttributeOptions,
): Attributed {
  const predicted = noGrad(() => argmax(model.forward(images), -1)).item();
  const { map: attribute, adds } = methods[method];
  const map = attribute(model, images, predicted, { steps });
  const completeness = adds ? study.completeness(model, images, predicted, map)[0] : undefined;
  return { label: labels.item(), predicted, map: map.data.slice() as Float32Array, completeness };
}

/** Writes the digits, what was found, and the filters and feature maps of the first digit. */
function picturesOf(
  model: Sora,
  images: Tensor,
  found: readonly Attributed[],
  { method, out }: AttributeOptions,
): string[] {
  const [, , height, width] = images.shape;
  const map = reshape(tensor(found.flatMap((one) => Array.from(one.map))), [found.length, height!, width!]);
  const { colors } = methods[method];
  const first = slice(images, [[0, 1]]);
  const sheets: Readonly<Record<string, study.Picture>> = {
    digits: study.contactSheet(images, { columns: 10 }),
    [method]: study.contactSheet(map, { columns: 10, colors }),
    ...filterSheets(model, first),
  };
  return Object.entries(sheets).map(([name, picture]) => savePicture(join(out, `${name}.png`), picture));
}

/** The filters of each layer, and what they find in one image once the op behind them has passed it on. */
function filterSheets(model: Sora, image: Tensor): Record<string, study.Picture> {
  const graph = study.decompose(model, image);
  const sheets: Record<string, study.Picture> = {};
  for (const { id, module, weight } of filterLayers(graph)) {
    const ofOneChannel = weight.shape[1] === 1;
    sheets[`${module}-filters`] = study.contactSheet(weight, {
      colors: "signed",
      ...(ofOneChannel ? { columns: 8, scale: 12 } : { range: "sheet" }),
    });
    const node = graph.readersOf(id)[0]?.id ?? id;
    const maps = study.featureMaps(model, image, { node });
    sheets[`${module}-maps`] = study.contactSheet(maps, { columns: 8, scale: ofOneChannel ? 3 : 4 });
  }
  return sheets;
}

/** The images in the order of the pictures; where the method adds up, with the sums. */
function imageTable(found: readonly Attributed[]): string {
  const sums = found.some(({ completeness }) => completeness);
  const head = [
    "image",
    "label",
    "read as",
    ...(sums ? ["sum of the pixels", "score − score of black", "off by"] : []),
  ];
  const table = new Table({
    head,
    colAligns: head.map(() => "right" as const),
    style: { head: [], border: [], compact: true },
  });
  found.forEach(({ label, predicted, completeness }, index) => {
    const figures = completeness
      ? [completeness.sum.toFixed(5), completeness.difference.toFixed(5), share(completeness.error)]
      : [];
    table.push([String(index), String(label), String(predicted), ...figures]);
  });
  return table.toString();
}

function worstLine(found: readonly Attributed[]): string {
  const worst = Math.max(...found.map(({ completeness }) => completeness?.error ?? 0));
  return `the sums are off by at most ${share(worst)}`;
}

function share(error: number): string {
  return `${(100 * error).toFixed(3)} %`;
}
