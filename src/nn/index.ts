export { ReLU } from "./activations.ts";
export { type ClipGradNormOptions, clipGradNorm, clipGradValue } from "./clip.ts";
export { Flatten, Identity, type Layer, Sequential } from "./containers.ts";
export { Conv2d, type Conv2dLayerOptions } from "./conv2d.ts";
export * as init from "./init.ts";
export { Linear } from "./linear.ts";
export { Module, type StateDict } from "./module.ts";
export { Buffer, Parameter } from "./parameter.ts";
export { MaxPool2d } from "./pooling.ts";
