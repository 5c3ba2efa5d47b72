export * from "./attribution/index.ts";
export * from "./conformance/index.ts";
export * from "./explain/index.ts";
export * from "./graph/index.ts";
export * from "./importance/index.ts";
export * from "./measure/index.ts";
export * from "./numbers/index.ts";
