import "./methods.ts";

export { backward } from "./core/backward.ts";
export { arange, empty, eye, full, linspace, ones, onesLike, tensor, zeros, zerosLike } from "./core/creation.ts";
export type { DType } from "./core/dtype.ts";
export { Generator, manualSeed } from "./core/generator.ts";
export { observe } from "./core/observe.ts";
export type { Block, Cost, Of, Particle, Values } from "./core/particle.ts";
export { rand, randint, randn, randperm } from "./core/random.ts";
export { enableGrad, isRecording, noGrad } from "./core/recording.ts";
export { scope } from "./core/scope.ts";
export type { Shape } from "./core/shape.ts";
export { finalizedTensors, type Nested, Tensor } from "./core/tensor.ts";
export { checkMemory, debugMemory, memory, resetPeak } from "./engine/storage.ts";
export { type Runtime, runtime, setThreads } from "./engine/threads.ts";
export * from "./errors.ts";
export * from "./particles/index.ts";
