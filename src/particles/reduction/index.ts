export * from "./argmax.ts";
export * from "./argmin.ts";
export * from "./logSoftmax.ts";
export * from "./max.ts";
export * from "./mean.ts";
export * from "./min.ts";
export * from "./softmax.ts";
export * from "./sum.ts";
