export { ELU, GELU, LeakyReLU, LogSoftmax, ReLU, Sigmoid, SiLU, Softmax, Softplus, Tanh } from "./activations.ts";
export { type ClipGradNormOptions, clipGradNorm, clipGradValue } from "./clip.ts";
export { Flatten, Identity, type Layer, Sequential } from "./containers.ts";
export { Conv2d, type Conv2dLayerOptions } from "./conv2d.ts";
export { Dropout } from "./dropout.ts";
export {
  CELU,
  GLU,
  Hardshrink,
  Hardsigmoid,
  Hardswish,
  Hardtanh,
  LogSigmoid,
  Mish,
  PReLU,
  ReLU6,
  SELU,
  Softmin,
  Softshrink,
  Softsign,
  Tanhshrink,
  Threshold,
} from "./furtherActivations.ts";
export * as init from "./init.ts";
export { Linear } from "./linear.ts";
export { BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, MSELoss, NLLLoss } from "./losses.ts";
export { Module, type StateDict } from "./module.ts";
export { Buffer, Parameter } from "./parameter.ts";
export { AdaptiveAvgPool2d, AvgPool2d, MaxPool2d } from "./pooling.ts";
