export * from "./crossEntropy";
export * from "./losses";
