export * from "./reduce";
export * from "./softmax";
export * from "./extremeGrad";
