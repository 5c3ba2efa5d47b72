import "./backwardMethod.ts";

export { apply, type Operand } from "./core/apply.ts";
export { backward } from "./core/backward.ts";
export { blockData } from "./core/blockData.ts";
export { configure, type Settings, settings } from "./core/configure.ts";
export { arange, empty, eye, full, linspace, ones, onesLike, tensor, zeros, zerosLike } from "./core/creation.ts";
export type { DType } from "./core/dtype.ts";
export { defaultGenerator, Generator, manualSeed } from "./core/generator.ts";
export { observe } from "./core/observe.ts";
export { type Option, type OptionsOf, readOptions } from "./core/options.ts";
export type {
  Block,
  Cost,
  Example,
  Of,
  OutputRule,
  Particle,
  SeveralParticle,
  Values,
  Workspace,
} from "./core/particle.ts";
export { rand, randint, randn, randperm } from "./core/random.ts";
export { enableGrad, isRecording, noGrad } from "./core/recording.ts";
export { scope } from "./core/scope.ts";
export type { Nested, Shape } from "./core/shape.ts";
export { finalizedTensors, Tensor } from "./core/tensor.ts";
export * as data from "./data/index.ts";
export { kernelsSha256, version } from "./engine/module.ts";
export { checkMemory, debugMemory, memory, resetPeak } from "./engine/storage.ts";
export { type Runtime, runtime, setThreads } from "./engine/threads.ts";
export * from "./errors.ts";
export * from "./functional/index.ts";
export * from "./io/index.ts";
export * as metrics from "./metrics/index.ts";
export { Sora } from "./models/sora.ts";
export * as nn from "./nn/index.ts";
export * as optim from "./optim/index.ts";
export * from "./particles/index.ts";
export { particles } from "./particles/list.ts";
export * as study from "./study/index.ts";
export * from "./training/index.ts";
