export * from "./linear.ts";
export * from "./matmul.ts";
