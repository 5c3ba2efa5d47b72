export { indexedDBStore, opfsStore } from "./browserStores.ts";
export {
  Checkpoint,
  type CheckpointOptions,
  type CheckpointStore,
  type Saved,
  type Stateful,
} from "./checkpoint.ts";
export { type ByteSource, type LazySafetensors, openSafetensors, openShards } from "./lazySafetensors.ts";
export { readNpy, writeNpy } from "./npy.ts";
export { readNpz, writeNpz } from "./npz.ts";
export {
  type NamedArray,
  type NamedArrays,
  readSafetensors,
  type Safetensors,
  type SafetensorsOptions,
  writeSafetensors,
} from "./safetensors.ts";
export type { ConversionOptions, Loss } from "./storedNumbers.ts";
export { readTorch, type TorchValue } from "./torch.ts";
export { readWeights } from "./weights.ts";
export { tensorSha256, weightsSha256 } from "./weightsSha256.ts";
export type { ZipOptions } from "./zip.ts";
