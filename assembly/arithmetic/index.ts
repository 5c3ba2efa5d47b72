export * from "./binary";
export * from "./division";
export * from "./elementwise";
export * from "./exponential";
export * from "./rounding";
export * from "./trigonometry";
