export * from "./activation.ts";
export * from "./arithmetic.ts";
export * from "./layout.ts";
export * from "./pooling.ts";
export * from "./products.ts";
export * from "./rearranging.ts";
export * from "./statistics.ts";
