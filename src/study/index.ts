export {
  type AblateOptions,
  type Ablation,
  ablate,
  type LabelledBatch,
  type Removal,
} from "./ablate.ts";
export {
  type Completeness,
  completeness,
  gradientTimesInput,
  type IntegratedGradientsOptions,
  integratedGradients,
  type PathOptions,
  saliency,
} from "./attribution.ts";
export { type ContactSheetOptions, contactSheet, type Picture } from "./contactSheet.ts";
export { type Cost, type CostCard, type CostOptions, type CostTable, costs } from "./cost.ts";
export { type DecomposeOptions, decompose } from "./decompose.ts";
export { insertAfter, remove, removeKernel, replace, transplant } from "./edit.ts";
export { type ExplainOptions, explain } from "./explain.ts";
export {
  contentSha256,
  type GraphFilesOptions,
  graphFile,
  graphFromFiles,
  graphToFiles,
  tensorsFile,
} from "./files.ts";
export { type FeatureMapOptions, featureMaps, type GradCamOptions, gradCam } from "./gradCam.ts";
export { type GradcheckOptions, gradcheck, type PortCheck } from "./gradcheck.ts";
export { type Granularity, type GraphInput, type GraphNode, ParticleGraph } from "./graph.ts";
export { type OcclusionOptions, occlusion } from "./occlusion.ts";
export { measurePeak, type PeakOptions } from "./peak.ts";
export { type Profile, type ProfileEntry, type ProfileOptions, profile, type TraceEvent } from "./profile.ts";
export { type Kept, type PruneOptions, type Pruning, prune } from "./prune.ts";
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
