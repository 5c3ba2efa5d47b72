export * from "./linear";
export * from "./matmul";
