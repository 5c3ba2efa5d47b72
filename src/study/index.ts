export { type DecomposeOptions, decompose } from "./decompose.ts";
export { insertAfter, remove, removeKernel, replace, transplant } from "./edit.ts";
export { type Granularity, type GraphInput, type GraphNode, ParticleGraph } from "./graph.ts";
export { type Verification, verify } from "./verify.ts";
