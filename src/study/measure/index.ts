/** What particles cost, and where time goes. */
export { type Cost, type CostCard, type CostOptions, type CostTable, costs } from "./cost.ts";
export { measurePeak, type PeakOptions } from "./peak.ts";
export { type Profile, type ProfileEntry, type ProfileOptions, profile, type TraceEvent } from "./profile.ts";
export {
  type ActivationStatistics,
  activationStatistics,
  type GradientStatistics,
  gradientStatistics,
  type Statistics,
  type StatisticsOptions,
} from "./statistics.ts";
export { type SummaryInput, summary } from "./summary.ts";
