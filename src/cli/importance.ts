/** How much a model needs each of its particles: measured with a bar, shown as a table. */
import Table from "cli-table3";
import { study } from "../index.ts";
import { percent } from "./confusion.ts";
import { breathe, type Interrupt } from "./interrupt.ts";
import { showProgress } from "./progress.ts";

const batchSize = 100;

export interface ImportanceOptions {
  readonly limit: number;
  readonly neurons?: boolean;
}

/** Measures every removal while a bar shows how far it is. After Ctrl-C it ends with the batch under way. */
export async function ablateWithProgress(
  model: Parameters<typeof study.ablate>[0],
  dataset: Parameters<typeof study.ablate>[1],
  { limit, neurons = false }: ImportanceOptions,
  signal: Interrupt,
): Promise<study.Ablation> {
  const samples = Math.min(limit, dataset.length);
  const steps = study.ablateStepwise(model, dataset, { limit: samples, batchSize, neurons, signal });
  let step = steps.next();
  const total = step.done ? 0 : step.value.total;
  const progress = showProgress("removals", total, Math.min(batchSize, samples));
  try {
    for (step = steps.next(); !step.done; step = steps.next()) {
      progress.update(step.value.done, step.value.loss);
      await breathe();
    }
    return step.value;
  } finally {
    progress.stop();
  }
}

/** Kernels, layers and activations, the most needed of each kind first. */
export function importanceTable({ loss, accuracy, removals }: study.Ablation): string {
  const table = new Table({
    head: ["removed", "module", "kind", "loss", "rise", "accuracy", "|grad·act|", "weight norm"],
    colAligns: ["left", "left", "left", "right", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  table.push(["nothing", "", "", loss.toFixed(5), "", percent(accuracy), "", ""]);
  for (const kind of new Set(removals.map((removal) => removal.kind))) {
    const rows = removals.filter((removal) => removal.kind === kind).sort((a, b) => b.lossIncrease - a.lossIncrease);
    for (const row of rows) {
      table.push([
        row.id,
        row.module,
        kind,
        row.loss.toFixed(5),
        row.lossIncrease.toFixed(5),
        percent(row.accuracy),
        row.gradientActivation.toFixed(5),
        row.weightNorm?.toFixed(3) ?? "–",
      ]);
    }
  }
  return table.toString();
}

/** Whether the cheap estimates put the particles in the same order as the rise of the loss. */
export function correlationLines({ removals, correlations }: study.Ablation): string[] {
  return Object.entries(correlations).map(([kind, found]) => {
    const count = removals.filter((removal) => removal.kind === kind).length;
    return `rank correlation with the rise of the loss, over ${count} ${kind}s: |gradient × activation| ${found.gradientActivation.toFixed(3)}, weight norm ${found.weightNorm.toFixed(3)}`;
  });
}

/** `the first 600 of 2,000 test images (stopped by Ctrl-C)` */
export function describeSamples({ samples }: study.Ablation, asked: number, what: string): string {
  const count = samples.toLocaleString("en-US");
  if (samples >= asked) return `the first ${count} ${what}`;
  return `the first ${count} of ${asked.toLocaleString("en-US")} ${what} (stopped by Ctrl-C)`;
}
