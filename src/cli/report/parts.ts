/** The particles of a model at each granularity: proof, cost and hash. */
import { type nn, scope, study, type Tensor } from "../../index.ts";

/** From coarse to fine. */
export const granularities = ["layer", "op", "kernel"] as const;

/** A particle with what it costs for one image, what it took for a batch, and what it is. */
export interface Part extends study.CostCard {
  readonly milliseconds: number;
  readonly peakShare: number;
  /** Operations a byte, and operations a second, on the batch. */
  readonly batchIntensity: number;
  readonly flopsPerSecond: number;
  /** Content hashes: of a layer, those of all its applications. */
  readonly hashes: readonly string[];
}

export interface Parts {
  readonly granularity: study.Granularity;
  readonly proof: study.Verification;
  /** How many applications the graph has. */
  readonly applications: number;
  readonly cards: readonly Part[];
  readonly total: study.Cost & { readonly milliseconds: number; readonly peakShare: number };
}

/**
 * Takes `model` apart at each granularity, proves on `images` that the parts give its bits, and counts for one image
 * and measures on `batch` what each costs. `peak` is in operations a second.
 */
export function partsOf(
  model: nn.Module,
  { images, sample, batch, peak }: { images: Tensor; sample: Tensor; batch: Tensor; peak: number },
): Parts[] {
  return granularities.map((granularity) =>
    scope(() => {
      const graph = study.decompose(model, sample, { granularity });
      const counted = study.costs(graph);
      const measured = study.costs(study.decompose(model, batch, { granularity }), { inputs: batch, peak });
      return {
        granularity,
        proof: study.verify(model, graph, images),
        applications: graph.nodes.length,
        cards: counted.cards.map((card, index) => {
          const { milliseconds = 0, peakShare = 0, flops, intensity } = measured.cards[index]!;
          return {
            ...card,
            milliseconds,
            peakShare,
            batchIntensity: intensity,
            flopsPerSecond: milliseconds > 0 ? (1000 * flops) / milliseconds : 0,
            hashes: hashesOf(graph, card.id),
          };
        }),
        total: {
          ...counted.total,
          milliseconds: measured.total.milliseconds ?? 0,
          peakShare: measured.total.peakShare ?? 0,
        },
      };
    }),
  );
}

function hashesOf(graph: study.ParticleGraph, id: string): string[] {
  return graph.nodes
    .filter((node) => (graph.granularity === "layer" ? node.layer : node.id) === id)
    .map((node) => study.contentSha256(node, graph.tensors));
}
