export * from "./layout.ts";
export * from "./pooling.ts";
