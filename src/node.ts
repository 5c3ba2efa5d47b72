/**
 * What needs files: `quarkgrad/node`. With the command line, all that imports `node:*`. It stands on the library's public surface, so
 * that both share one engine.
 */
export { Checkpoint } from "./index.ts";
export { type CsvOptions, readCsv } from "./node/csv.ts";
export { checkWritable, readWhole, writeWhole } from "./node/files.ts";
export { folderStore } from "./node/folderStore.ts";
export { type ImageOptions, readImage } from "./node/image.ts";
export { type MnistOptions, mnist } from "./node/mnist.ts";
export { loadGraph, loadModel, saveGraph, saveModel } from "./node/models.ts";
export { SummaryWriter } from "./node/summaryWriter.ts";
export { openSafetensors } from "./node/weights.ts";
