export * from "./avgPool2d.ts";
export * from "./maxPool2d.ts";
export * from "./reluMaxPool2d.ts";
