/**
 * `quarkgrad decompose [FILE]`: takes Sora apart, puts it together again, proves the bits and shows what each part
 * costs.
 */
import Table from "cli-table3";
import { Command, Option } from "commander";
import { scope, study } from "../index.ts";
import { mnist, saveGraph } from "../node.ts";
import { soraFrom } from "./model.ts";
import { wholeNumber } from "./usage.ts";

const granularities = ["layer", "op", "kernel"] as const;

interface DecomposeOptions {
  readonly granularity: study.Granularity;
  readonly images: number;
  readonly seed: number;
  readonly data?: string;
  readonly out?: string;
  readonly time?: boolean;
  readonly json?: boolean;
}

export function decomposeCommand(): Command {
  return new Command("decompose")
    .description("Takes Sora apart into its particles, proves that they give its bits, and shows what each costs.")
    .argument("[file]", "weights as safetensors; freshly seeded ones without it")
    .addOption(
      new Option("--granularity <grain>", "what is drawn, costed and written").choices(granularities).default("op"),
    )
    .option("--images <count>", "test images on which the bits are compared", wholeNumber(1), 100)
    .option("--seed <number>", "seed of the weights where there is no file", wholeNumber(0), 0)
    .option("--data <folder>", "folder with the IDX files of MNIST, plain or .gz")
    .option("--time", "measure the median time of each particle, too")
    .option("--out <folder>", "write the graph: graph.json and the safetensors file it names")
    .option("--json", "print proofs and costs as one JSON object in the last line")
    .action(run);
}

function run(file: string | undefined, options: DecomposeOptions): void {
  const model = soraFrom(file, options.seed);
  const test = mnist("test", options.data === undefined ? {} : { root: options.data });
  const { images } = test.batch(Int32Array.from({ length: Math.min(options.images, test.length) }, (_, k) => k));
  const { images: sample } = test.batch([0]);
  const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`);

  const graph = study.decompose(model, sample, { granularity: options.granularity });
  say(graph.toMermaid());

  const proofs = granularities.map((granularity) =>
    scope(() => {
      const parts = study.decompose(model, sample, { granularity });
      const found = study.verify(model, parts, images);
      return { granularity, particles: parts.nodes.length, ...found };
    }),
  );
  for (const { granularity, particles, equal, compared, firstDifference } of proofs) {
    const verdict = equal ? "all bits equal" : `DIFFERENT, first in ${firstDifference?.id ?? "the outputs"}`;
    say(
      `${granularity.padEnd(6)} ${particles} applications, ${compared.toLocaleString("en-US")} outputs of ${images.shape[0]} test images: ${verdict}`,
    );
  }
  if (proofs.some(({ equal }) => !equal)) process.exitCode = 1;

  const costs = study.costs(graph, options.time ? { inputs: sample } : {});
  say(`\n${costTable(costs)}`);
  if (options.out !== undefined) {
    saveGraph(graph, options.out);
    say(`graph written to ${options.out}`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ proofs, costs })}\n`);
}

/** What each particle costs for one image, and the sum. */
function costTable({ cards, total }: study.CostTable): string {
  const timed = total.milliseconds !== undefined;
  const table = new Table({
    head: [
      "particle",
      "module",
      "output",
      "parameters",
      "mult-adds",
      "bytes",
      "flops/byte",
      "activation bytes",
      ...(timed ? ["ms"] : []),
    ],
    colAligns: ["left", "left", ...new Array<"right">(7).fill("right")],
    style: { head: [], border: [], compact: true },
  });
  const figures = (cost: study.Cost) => [
    ...[cost.parameters, cost.multiplyAdds, cost.bytes].map(whole),
    cost.intensity.toFixed(2),
    whole(cost.activationBytes),
    ...(timed ? [cost.milliseconds!.toFixed(3)] : []),
  ];
  for (const card of cards) table.push([card.id, card.module, card.shape.join("×"), ...figures(card)]);
  table.push(["total", "", "", ...figures(total)]);
  return table.toString();
}

function whole(value: number): string {
  return value.toLocaleString("en-US");
}
