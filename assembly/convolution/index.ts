export { conv2d } from "./conv2d";
export * from "./conv2dNarrow";
export * from "./conv2dNarrowGradWeight";
export { conv2dVectors, conv2dNarrowTaps } from "./how/conv2dNarrowPlan";
export { conv2dTaps } from "./how/conv2dPlan";
export { conv2dPanels } from "./conv2dPanels";
export { conv2dGradWeight, conv2dGradWeightSum, conv2dGradBias } from "./conv2dGradWeight";
export { winogradConvolve, winogradScratchBytes, winogradWeights } from "./winograd";
export * from "./winogradGradients";
