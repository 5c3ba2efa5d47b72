// The only file the compiler is given: one export line a kernel file.
export * from "./memory";
export * from "./movement";
export * from "./optimizer";
export * from "./relu";
export * from "./addInto";
export * from "./random";
export * from "./images";
export { conv2d } from "./conv2d";
export * from "./conv2dNarrow";
export { conv2dPixels, conv2dVectors, conv2dTaps, conv2dPanels } from "./conv2dPlan";
export { conv2dGradWeight, conv2dGradWeightSum, conv2dGradBias } from "./conv2dGradWeight";
export * from "./linear";
export * from "./matmul";
export * from "./maxPool2d";
export * from "./reduce";
export * from "./softmax";
export * from "./crossEntropy";
export * from "./winograd";
