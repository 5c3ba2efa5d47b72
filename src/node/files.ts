/** Files that are there whole or not at all. */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { DataError } from "../index.ts";

/** What writing needs of `node:fs`; tests hand in one that fails. */
export type FileSystem = Pick<
  typeof fs,
  | "closeSync"
  | "fchmodSync"
  | "fsyncSync"
  | "lstatSync"
  | "openSync"
  | "readdirSync"
  | "readlinkSync"
  | "renameSync"
  | "rmSync"
  | "writeSync"
>;

/** The bytes of a file, or a DataError that says what is wrong. */
export function readWhole(path: string): Uint8Array {
  try {
    return fs.readFileSync(path);
  } catch (error) {
    throw new DataError(`${path}: ${reasonOf(error)}; check the path`, { cause: error });
  }
}

/**
 * Writes a file so that a crash at any moment, or a disk that is full, leaves the old one or the new one: beside its place, forced to
 * disk, and renamed. A symbolic link stays one, and what it leads to is replaced; the mode of what was there is kept.
 *
 * @throws DataError where it cannot be written (then what was there is as it was), or where the path leads to a folder, a pipe or a device.
 */
export function writeWhole(path: string, bytes: Uint8Array, system: FileSystem = fs): void {
  const { target, mode } = checkWritable(path, system);
  const folder = dirname(target);
  sweep(folder, system);
  const beside = join(folder, temporaryName());
  try {
    const file = system.openSync(beside, "wx");
    try {
      if (mode !== undefined) system.fchmodSync(file, mode);
      for (let at = 0; at < bytes.length; ) at += written(system, file, bytes.subarray(at));
      system.fsyncSync(file);
    } finally {
      system.closeSync(file);
    }
    system.renameSync(beside, target);
  } catch (error) {
    removeQuietly(beside, system);
    throw new DataError(`${path}: ${reasonOf(error)}; nothing was written`, { cause: error });
  }
  syncFolder(folder, system);
}

/**
 * Where writing to a path would lead, and the mode of what is there.
 *
 * @throws DataError where it cannot be written; a command calls this before hours of work.
 */
export function checkWritable(path: string, system: FileSystem = fs): { target: string; mode: number | undefined } {
  let target = path;
  for (let links = 0; ; links++) {
    const found = statusOf(target, path, system);
    if (!found) {
      if (!statusOf(dirname(resolve(target)), path, system)) {
        throw new DataError(`${path}: there is no folder ${dirname(target)}; nothing was written`);
      }
      return { target, mode: undefined };
    }
    if (found.isFile()) return { target, mode: found.mode & 0o7777 };
    if (!found.isSymbolicLink()) {
      const kind = found.isDirectory() ? "a folder" : found.isFIFO() ? "a pipe" : "a device or a socket";
      throw new DataError(`${path}: this is ${kind}, no file; nothing was written`);
    }
    if (links === 40) throw new DataError(`${path}: the link leads through more than 40 others; nothing was written`);
    target = resolve(dirname(target), system.readlinkSync(target));
  }
}

function statusOf(place: string, path: string, system: FileSystem): fs.Stats | undefined {
  try {
    return system.lstatSync(place, { throwIfNoEntry: false });
  } catch (error) {
    throw new DataError(`${path}: ${reasonOf(error)}; nothing was written`, { cause: error });
  }
}

function written(system: FileSystem, file: number, bytes: Uint8Array): number {
  const count = system.writeSync(file, bytes);
  if (count === 0) throw new DataError("the disk takes no more");
  return count;
}

/** What a folder holds survives a loss of power only after this. Not every system and not every folder has it; the file is there anyway. */
function syncFolder(folder: string, system: FileSystem): void {
  try {
    const handle = system.openSync(folder, "r");
    try {
      system.fsyncSync(handle);
    } finally {
      system.closeSync(handle);
    }
  } catch {
    // As on Windows.
  }
}

const machine = hostname()
  .replace(/[^A-Za-z0-9]/g, "")
  .slice(0, 32);
const prefix = ".quarkgrad-tmp";

function temporaryName(): string {
  return `${prefix}-${machine}-${process.pid}-${randomBytes(4).toString("hex")}`;
}

const swept = new Set<string>();

/** Removes what processes of this machine that are no longer there left behind in a folder; once in a process's life. */
export function sweep(folder: string, system: FileSystem = fs): void {
  const place = resolve(folder);
  if (swept.has(place)) return;
  swept.add(place);
  let names: string[];
  try {
    names = system.readdirSync(place);
  } catch {
    return;
  }
  for (const name of names) {
    const [, host, process] = /^\.quarkgrad-tmp-([A-Za-z0-9]*)-(\d+)-[0-9a-f]{8}$/.exec(name) ?? [];
    if (host === machine && !isAlive(Number(process))) removeQuietly(join(place, name), system);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== "ESRCH";
  }
}

function removeQuietly(path: string, system: FileSystem): void {
  try {
    system.rmSync(path, { force: true });
  } catch {
    // The next process sweeps it.
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "this is a folder",
  EACCES: "there is no permission",
  EPERM: "this is not permitted",
  EROFS: "the disk can only be read",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  ENAMETOOLONG: "the name is too long",
};

export function reasonOf(error: unknown): string {
  const reason = reasons[(error as { code?: string }).code ?? ""];
  return reason ?? (error instanceof Error ? error.message : String(error));
}
