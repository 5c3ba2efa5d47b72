export * from "./addInto";
export * from "./peak";
