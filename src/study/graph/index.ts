/** Models taken apart into graphs: made, run, edited, proved, written to files. */
export { type DecomposeOptions, decompose } from "./decompose.ts";
export { insertAfter, remove, removeKernel, replace, transplant } from "./edit.ts";
export { escaped } from "./escaped.ts";
export {
  contentSha256,
  type GraphFilesOptions,
  graphFile,
  graphFromFiles,
  graphToFiles,
  isTensorsFile,
  tensorsFileOf,
} from "./files.ts";
export { type Granularity, type GraphInput, type GraphNode, ParticleGraph } from "./graph.ts";
export { GraphModel } from "./graphModel.ts";
export { givesMaps, type KernelLayer, kernelLayers } from "./kernels.ts";
export { type Verification, verify } from "./verify.ts";
