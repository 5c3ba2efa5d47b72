export * from "./eq.ts";
export * from "./ge.ts";
export * from "./gt.ts";
export * from "./le.ts";
export * from "./lt.ts";
export * from "./ne.ts";
export * from "./where.ts";
