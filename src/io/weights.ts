/** Weights of any format that is read, told apart by their first bytes. */
import { DataError } from "../errors.ts";
import { readNpz } from "./npz.ts";
import { type NamedArray, readSafetensors, type SafetensorsOptions } from "./safetensors.ts";
import { isArray, readTorch, type TorchValue } from "./torch.ts";
import { readZip, type ZipOptions } from "./zip.ts";

/**
 * The arrays by name of a safetensors file, an npz file, or a state dict that `torch.save` wrote (also where it is the entry `state_dict`,
 * `model_state_dict` or `model` of a dictionary). `model.loadStateDict` takes them as they are.
 *
 * @throws DataError where the file is not exactly right, or holds no state dict.
 */
export function readWeights(
  file: ArrayBuffer | Uint8Array,
  options: SafetensorsOptions & ZipOptions = {},
): Map<string, NamedArray> {
  const bytes =
    file instanceof Uint8Array ? new Uint8Array(file.buffer, file.byteOffset, file.length) : new Uint8Array(file);
  const begins = (...head: readonly number[]) => head.every((byte, at) => bytes[at] === byte);
  if (begins(0x93, 0x4e, 0x55, 0x4d)) {
    throw new DataError("npy: one array without a name is no state dict; use readNpy, or save with numpy.savez", {
      format: "npy",
      offset: 0,
    });
  }
  if (begins(0x80)) return stateOf(readTorch(bytes, options));
  if (!begins(0x50, 0x4b)) return readSafetensors(bytes, options).tensors;
  const isTorch = [...readZip(bytes, "zip", options).keys()].some((name) => name.endsWith("/data.pkl"));
  return isTorch ? stateOf(readTorch(bytes, options)) : readNpz(bytes, options);
}

const usualKeys = ["state_dict", "model_state_dict", "model"];

/** The state dict in what `torch.save` was given. */
export function stateOf(value: TorchValue): Map<string, NamedArray> {
  if (value instanceof Map) {
    if (isState(value)) return value;
    for (const key of usualKeys) {
      const inner = value.get(key);
      if (isState(inner)) return inner;
    }
  }
  const keys = value instanceof Map ? `; its keys are ${[...value.keys()].slice(0, 12).join(", ")}` : "";
  throw new DataError(`pt: the file holds no state dict${keys}; save model.state_dict(), or use readTorch`, {
    format: "pt",
  });
}

function isState(value: TorchValue | undefined): value is Map<string, NamedArray> {
  return value instanceof Map && [...value].every(([key, item]) => typeof key === "string" && isArray(item));
}
