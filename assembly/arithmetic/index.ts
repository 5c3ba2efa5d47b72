export * from "./binary";
export * from "./elementwise";
