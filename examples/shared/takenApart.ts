/** What every example ends with: its model taken apart, proved equal, and asked what it needs. */
import { type data, type nn, scope, study, type Tensor } from "quarkgrad";

/** Samples with their labels, as `study.ablate` takes them. */
type Labelled = data.Dataset<{ readonly images: Tensor; readonly labels: Tensor }>;

/** Takes a model apart at all three granularities and prints whether the parts give its bits. */
export function proveParts(model: nn.Module, input: Tensor): void {
  model.eval();
  for (const granularity of ["layer", "op", "kernel"] as const) {
    scope(() => {
      const graph = study.decompose(model, input, { granularity });
      const { equal, compared } = study.verify(model, graph, input);
      console.log(
        `  by ${granularity.padEnd(6)} ${String(graph.nodes.length).padStart(4)} parts, ${compared} outputs ${equal ? "equal bit for bit" : "DIFFER"}`,
      );
      if (!equal) process.exitCode = 1;
    });
  }
}

/** Prints what the loss of a classifier rises by when a part is taken away, the most needed first. */
export function showNeeds(model: nn.Module, dataset: Labelled, options: study.AblateOptions, shown = 5): void {
  const { removals, loss, accuracy } = study.ablate(model, dataset, options);
  console.log(`  whole: loss ${loss.toFixed(4)}, accuracy ${percent(accuracy)}`);
  const ranked = [...removals].sort((a, b) => b.lossIncrease - a.lossIncrease);
  for (const { id, module, lossIncrease, accuracy } of ranked.slice(0, shown)) {
    console.log(`  without ${id} (${module}): loss +${lossIncrease.toFixed(4)}, accuracy ${percent(accuracy)}`);
  }
  const useless = ranked.filter(({ lossIncrease }) => lossIncrease <= 1e-4).length;
  console.log(`  ${useless} of ${ranked.length} parts can go without the loss rising by more than 0.0001`);
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
