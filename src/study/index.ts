export { type AblateOptions, type Ablation, type AblationProgress, ablate, ablateStepwise } from "./ablate.ts";
export {
  type Completeness,
  completeness,
  gradientTimesInput,
  type IntegratedGradientsOptions,
  integratedGradients,
  type PathOptions,
  saliency,
} from "./attribution.ts";
export type { ConformanceCheck } from "./conformance/checks.ts";
export type { Accuracy, Claims, Given, Refusal, Row, Sample } from "./conformance/claims.ts";
export {
  assertConformance,
  type Conformance,
  type ConformanceOptions,
  conformance,
  conformanceChecks,
} from "./conformance/conformance.ts";
export { type ContactSheetOptions, contactSheet, type Picture } from "./contactSheet.ts";
export { type Cost, type CostCard, type CostOptions, type CostTable, costs } from "./cost.ts";
export type { Kept } from "./cuts.ts";
export { type DecomposeOptions, decompose } from "./decompose.ts";
export { insertAfter, remove, removeKernel, replace, transplant } from "./edit.ts";
export { type ExplainOptions, explain } from "./explain.ts";
export {
  contentSha256,
  type GraphFilesOptions,
  graphFile,
  graphFromFiles,
  graphToFiles,
  isTensorsFile,
  tensorsFileOf,
} from "./files.ts";
export { type FeatureMapOptions, featureMaps, type GradCamOptions, gradCam } from "./gradCam.ts";
export { type GradcheckOptions, gradcheck, type PortCheck } from "./gradcheck.ts";
export { type Granularity, type GraphInput, type GraphNode, ParticleGraph } from "./graph.ts";
export { givesMaps, type KernelLayer, kernelLayers } from "./kernels.ts";
export { type OcclusionOptions, occlusion } from "./occlusion.ts";
export { measurePeak, type PeakOptions } from "./peak.ts";
export { type Profile, type ProfileEntry, type ProfileOptions, profile, type TraceEvent } from "./profile.ts";
export { type PruneOptions, type Pruning, prune } from "./prune.ts";
export type { RemovalKind } from "./removal.ts";
export type { EstimateCorrelation, LabelledBatch, Measurements, Removal } from "./removalSums.ts";
export type { Target } from "./scores.ts";
export {
  type ActivationStatistics,
  activationStatistics,
  type GradientStatistics,
  gradientStatistics,
  type Statistics,
  type StatisticsOptions,
} from "./statistics.ts";
export { type SummaryInput, summary } from "./summary.ts";
export { type Verification, verify } from "./verify.ts";
export { type WorkedGradient, type WorkedOut, type WorkOutOptions, workOut } from "./workOut.ts";
