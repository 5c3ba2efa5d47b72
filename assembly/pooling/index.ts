export * from "./maxPool2d";
export * from "./maxPool2x2";
export * from "./avgPool2d";
