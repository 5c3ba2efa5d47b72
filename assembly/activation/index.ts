export * from "./activation";
export * from "./gated";
export * from "./pieces";
export * from "./prelu";
export * from "./relu";
