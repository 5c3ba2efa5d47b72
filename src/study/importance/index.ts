/** What each particle is needed for: removals, and pruning. */
export { type AblateOptions, type Ablation, type AblationProgress, ablate, ablateStepwise } from "./ablate.ts";
export type { Kept } from "./cuts.ts";
export { type PruneOptions, type Pruning, prune } from "./prune.ts";
export type { RemovalKind } from "./removal.ts";
export type { EstimateCorrelation, LabelledBatch, Measurements, Removal } from "./removalSums.ts";
