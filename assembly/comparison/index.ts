export * from "./where";
export * from "./compare";
