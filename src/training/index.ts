export type { EarlyStoppingOptions } from "./earlyStopping.ts";
export type { Figures } from "./figures.ts";
export { fit, fitAsync } from "./fit.ts";
export type { EpochReport, FitOptions, ScalarWriter, StepReport } from "./options.ts";
export type { History } from "./training.ts";
