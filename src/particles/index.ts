// The only list of particles: one export line each.
export * from "./relu.ts";
