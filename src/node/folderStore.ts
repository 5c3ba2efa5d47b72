/** Checkpoints in a folder. */
import * as fs from "node:fs";
import { join } from "node:path";
import { type CheckpointStore, DataError } from "../index.ts";
import { type FileSystem, readWhole, reasonOf, sweep, writeWhole } from "./files.ts";

/**
 * A folder for checkpoints, which is made if it is not there. What a process that was killed left half-written is removed.
 *
 * @throws DataError where the folder cannot be made.
 */
export function folderStore(folder: string, system: FileSystem = fs): CheckpointStore {
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new DataError(`${folder}: ${reasonOf(error)}; give another folder for checkpoints`, { cause: error });
  }
  sweep(folder, system);
  return {
    names: async () => fs.readdirSync(folder),
    read: async (name) => readWhole(join(folder, name)),
    write: async (name, bytes) => writeWhole(join(folder, name), bytes, system),
    remove: async (name) => system.rmSync(join(folder, name), { force: true }),
  };
}
