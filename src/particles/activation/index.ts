export * from "./elu.ts";
export * from "./gelu.ts";
export * from "./leakyRelu.ts";
export * from "./relu.ts";
export * from "./sigmoid.ts";
export * from "./silu.ts";
export * from "./softplus.ts";
export * from "./tanh.ts";
