export * from "./bceWithLogits.ts";
export * from "./crossEntropy.ts";
export * from "./l1Loss.ts";
export * from "./mseLoss.ts";
export * from "./nllLoss.ts";
