export { type ClipGradNormOptions, clipGradNorm, clipGradValue } from "./clip.ts";
export * as init from "./init.ts";
export { Module, type StateDict } from "./module.ts";
export { Buffer, Parameter } from "./parameter.ts";
