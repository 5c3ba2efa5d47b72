// The only list of particles: one export line each.

export * from "./concat.ts";
export * from "./conv2d.ts";
export * from "./crossEntropy.ts";
export * from "./expand.ts";
export * from "./flatten.ts";
export * from "./gather.ts";
export * from "./indexSelect.ts";
export * from "./linear.ts";
export * from "./logSoftmax.ts";
export * from "./matmul.ts";
export * from "./maxPool2d.ts";
export * from "./mean.ts";
export * from "./nllLoss.ts";
export * from "./pad.ts";
export * from "./permute.ts";
export * from "./relu.ts";
export * from "./reshape.ts";
export * from "./slice.ts";
export * from "./softmax.ts";
export * from "./squeeze.ts";
export * from "./sum.ts";
export * from "./unsqueeze.ts";
