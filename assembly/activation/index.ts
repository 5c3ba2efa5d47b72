export * from "./relu";
export * from "./activation";
