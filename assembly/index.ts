// The only file the compiler is given: one export line a kernel file.
export * from "./memory";
export * from "./movement";
export * from "./optimizer";
export * from "./relu";
export * from "./addInto";
export * from "./random";
export * from "./images";
