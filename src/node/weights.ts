/** Weights that are read one tensor at a time. */
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  DataError,
  type LazySafetensors,
  openShards,
  openSafetensors as openSource,
  type SafetensorsOptions,
} from "../index.ts";
import { readWhole, reasonOf } from "./files.ts";

/**
 * Opens a safetensors file, or a model in several by its `model.safetensors.index.json`, and reads tensors when they are asked for: also of
 * files that are larger than memory. Only headers are read before.
 *
 * @throws DataError where a file is missing, or a header is not exactly right.
 */
export async function openSafetensors(path: string, options: SafetensorsOptions = {}): Promise<LazySafetensors> {
  if (path.endsWith(".json")) {
    return openShards(readWhole(path), (name) => openSafetensors(join(dirname(path), name), options));
  }
  const using = async <Result>(use: (file: Awaited<ReturnType<typeof open>>) => Promise<Result>): Promise<Result> => {
    let file: Awaited<ReturnType<typeof open>>;
    try {
      file = await open(path);
    } catch (error) {
      throw new DataError(`${path}: ${reasonOf(error)}; check the path`, { cause: error });
    }
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  };
  const { size } = await using((file) => file.stat());
  // No handle is held between two reads, so that nothing has to be closed.
  const read = (begin: number, end: number) =>
    using(async (file) => {
      const bytes = new Uint8Array(end - begin);
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at, begin + at);
        if (bytesRead === 0) throw new DataError(`${path}: the file became shorter while it was read`);
        at += bytesRead;
      }
      return bytes;
    });
  return openSource({ size, read }, options);
}
