/**
 * What it costs that models can be taken apart: nothing while nobody watches, and less than two forward passes when one
 * does.
 */
import Table from "cli-table3";
import { manualSeed, noGrad, type Tensor as OwnTensor, rand, Sora, scope, study } from "../src/index.ts";
import { variant } from "./variants.ts";

type Library = Awaited<ReturnType<typeof variant>>;

/** How much longer `b` takes than `a`: pairs of samples in turn, so that both see the same moments of the machine. */
export interface Ratio {
  readonly name: string;
  /** Milliseconds, the fastest sample. */
  readonly a: number;
  readonly b: number;
  /** The median of the pairs' ratios b/a, and the 95 % interval of that median. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** The engine without its observation hook: every test for an observer is gone from the code. */
const unobservable = {
  path: "src/core/observe.ts",
  text: `
export const observer = null;
export const observe = (watcher, body) => body();
export const within = (module, body) => body();
`,
};

/**
 * Without an observer: the engine as it is against one whose hook is compiled out, and, to show the noise, against a
 * second copy of itself. With one: taking Sora apart against a forward pass. Outputs and weights of both sides are
 * compared bit for bit.
 */
export async function observationRatios(milliseconds: number, wanted: (name: string) => boolean): Promise<Ratio[]> {
  const names = workloads.flatMap(({ name }) => [`${name}, hook against none`, `${name}, hook against hook`]);
  const ratios: Ratio[] = [];
  if (names.some(wanted)) {
    const [hooked, again, bare] = [await variant(), await variant(), await variant(unobservable)];
    for (const { name, make } of workloads) {
      for (const [title, other] of [
        [`${name}, hook against none`, bare],
        [`${name}, hook against hook`, again],
      ] as const) {
        if (!wanted(title)) continue;
        const [a, b] = [make(other), make(hooked)];
        ratios.push(ratioOf(title, a.run, b.run, milliseconds));
        if (a.bits() !== b.bits()) throw new Error(`${title}: the bits differ`);
      }
    }
  }
  for (const batch of [1, 64]) {
    for (const granularity of ["layer", "op", "kernel"] as const) {
      const title = `decompose by ${granularity} against forward, batch ${batch}`;
      if (wanted(title)) ratios.push(decomposition(title, granularity, batch, milliseconds));
    }
  }
  return ratios;
}

interface Workload {
  readonly run: () => void;
  /** Whatever shows that the same was computed. */
  readonly bits: () => string;
}

const workloads: readonly { readonly name: string; readonly make: (library: Library) => Workload }[] = [
  { name: "relu of [1]", make: oneOp },
  { name: "Sora, inference, batch 1", make: (library) => inference(library, 1) },
  { name: "Sora, training step, batch 1", make: (library) => training(library, 1) },
  { name: "Sora, training step, batch 64", make: (library) => training(library, 64) },
];

function oneOp({ tensor, relu, noGrad }: Library): Workload {
  const input = tensor([1]).keep();
  const run = () => noGrad(() => relu(input).dispose());
  return { run, bits: () => "" };
}

function inference({ manualSeed, Sora, rand, noGrad, scope }: Library, batch: number): Workload {
  manualSeed(0);
  const model = new Sora();
  const input = rand([batch, 1, 28, 28]).keep();
  const run = () => noGrad(() => scope(() => void model.forward(input)));
  return { run, bits: () => noGrad(() => scope(() => String(model.forward(input).data))) };
}

function training(library: Library, batch: number): Workload {
  const { manualSeed, Sora, optim, rand, randint, crossEntropy, scope, weightsSha256 } = library;
  manualSeed(0);
  const model = new Sora();
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
  const input = rand([batch, 1, 28, 28]).keep();
  const target = randint(10, [batch]).keep();
  const run = () =>
    scope(() => {
      optimizer.zeroGrad();
      crossEntropy(model.forward(input), target).backward();
      optimizer.step();
    });
  return { run, bits: () => weightsSha256(model) };
}

function decomposition(title: string, granularity: study.Granularity, batch: number, milliseconds: number): Ratio {
  manualSeed(0);
  const model = new Sora();
  const input = rand([batch, 1, 28, 28]).keep();
  const decompose = () => study.decompose(model, input, { granularity });
  const found = ratioOf(
    title,
    () => noGrad(() => scope(() => void model.forward(input))),
    () => scope(() => void decompose()),
    milliseconds,
  );
  scope(() => {
    const [whole, parts] = noGrad(() => [model.forward(input), decompose().run(input) as OwnTensor] as const);
    if (String(whole.data) !== String(parts.data)) throw new Error(`${title}: the bits differ`);
  });
  return found;
}

/** Milliseconds that a sample lasts at least. */
const slice = 0.5;

function ratioOf(name: string, a: () => void, b: () => void, milliseconds: number): Ratio {
  const sides = [a, b] as const;
  /** One sample of each; each goes first every other time, and both have always run equally often. */
  const pair = (turn: number, repeats: number) => {
    const times = [0, 0];
    for (const side of turn % 2 === 0 ? [0, 1] : [1, 0]) {
      const started = performance.now();
      for (let repeat = 0; repeat < repeats; repeat++) sides[side]!();
      times[side] = (performance.now() - started) / repeats;
    }
    return { a: times[0]!, b: times[1]! };
  };
  const sample = (count: number, time: number, repeats: number) => {
    const pairs = [];
    const began = performance.now();
    while (pairs.length < count || performance.now() - began < time) pairs.push(pair(pairs.length, repeats));
    return pairs;
  };
  // The compilers have their time first.
  const first = sample(30, milliseconds / 4, 1);
  const shortest = Math.min(least(first, "a"), least(first, "b"));
  const pairs = sample(20, milliseconds, Math.ceil(slice / Math.max(1e-4, shortest)));
  const ratios = pairs.map((times) => times.b / times.a).sort((x, y) => x - y);
  // Order statistics: the median lies between these with 95 %.
  const half = 0.98 * Math.sqrt(ratios.length);
  const at = (rank: number) => ratios[Math.min(ratios.length - 1, Math.max(0, Math.round(rank)))]!;
  const middle = (ratios.length - 1) / 2;
  return {
    name,
    a: least(pairs, "a"),
    b: least(pairs, "b"),
    ratio: median(ratios),
    low: at(middle - half),
    high: at(middle + half),
  };
}

/** The fastest sample of a side. There may be more of them than a call may have arguments. */
function least(pairs: readonly { readonly a: number; readonly b: number }[], side: "a" | "b"): number {
  return pairs.reduce((fastest, times) => Math.min(fastest, times[side]), Number.POSITIVE_INFINITY);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((x, y) => x - y);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

export const ratioHead = ["Observation", "without", "with", "fastest", "median", "95 % of it"];

export function ratioCells({ name, a, b, ratio, low, high }: Ratio): string[] {
  const milliseconds = (value: number) => `${value.toPrecision(3)} ms`;
  return [
    name,
    milliseconds(a),
    milliseconds(b),
    (b / a).toFixed(3),
    ratio.toFixed(3),
    `${low.toFixed(3)} – ${high.toFixed(3)}`,
  ];
}

export function ratioTable(ratios: readonly Ratio[]): string {
  const table = new Table({
    head: ratioHead,
    style: { head: [], border: [], compact: true },
    colAligns: ["left", "right", "right", "right", "right", "right"],
  });
  for (const ratio of ratios) table.push(ratioCells(ratio));
  return table.toString();
}
