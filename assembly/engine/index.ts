export * from "./memory";
export * from "./addInto";
export * from "./peak";
