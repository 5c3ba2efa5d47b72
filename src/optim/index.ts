export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export { type GroupInit, Optimizer, type OptimizerStateDict, type ParamGroup } from "./optimizer.ts";
export {
  CosineAnnealingLR,
  LinearLR,
  type LinearLROptions,
  LRScheduler,
  OneCycleLR,
  type OneCycleLROptions,
  StepLR,
} from "./schedule.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
