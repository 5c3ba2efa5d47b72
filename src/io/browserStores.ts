/** Where a browser keeps checkpoints. Neither is promised to survive when the device runs short of space: `navigator.storage.persist()` asks for that. */
import { DataError } from "../errors.ts";
import type { CheckpointStore } from "./checkpoint.ts";

/**
 * A folder of the origin's private file system, also within a worker. A file that is written takes its place only when it is closed.
 *
 * @throws DataError where the browser has no such file system.
 */
export async function opfsStore(folder: string): Promise<CheckpointStore> {
  const storage = typeof navigator === "undefined" ? undefined : navigator.storage;
  if (!storage?.getDirectory) {
    throw new DataError("opfsStore: there is no private file system here; use indexedDBStore", {
      format: "checkpoint",
    });
  }
  const root = await storage.getDirectory();
  const place = await root.getDirectoryHandle(folder, { create: true });
  return {
    async names() {
      const names: string[] = [];
      for await (const name of place.keys()) names.push(name);
      return names;
    },
    async read(name) {
      const file = await (await place.getFileHandle(name)).getFile();
      return new Uint8Array(await file.arrayBuffer());
    },
    async write(name, bytes) {
      const file = await place.getFileHandle(name, { create: true });
      const stream = await file.createWritable();
      try {
        await stream.write(bytes);
      } catch (error) {
        await stream.abort();
        throw new DataError(`opfsStore: ${name} could not be written: ${(error as Error).message}`, { cause: error });
      }
      await stream.close();
    },
    remove: (name) => place.removeEntry(name),
  };
}

const table = "files";

/**
 * A database of the origin; a file is written in one transaction.
 *
 * @throws DataError where there is no IndexedDB, or it may not be used.
 */
export async function indexedDBStore(database: string): Promise<CheckpointStore> {
  if (typeof indexedDB === "undefined") {
    throw new DataError("indexedDBStore: there is no IndexedDB here", { format: "checkpoint" });
  }
  const opening = indexedDB.open(database, 1);
  opening.onupgradeneeded = () => void opening.result.createObjectStore(table);
  const db = await answer(opening);
  const once = async <Result>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<Result>) => {
    const transaction = db.transaction(table, mode, { durability: "strict" });
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(refusal(transaction.error));
    });
    // Where the request fails, so does the transaction; one rejection is enough.
    done.catch(() => undefined);
    const result = await answer(ask(transaction.objectStore(table)));
    await done;
    return result;
  };
  return {
    names: async () => (await once("readonly", (store) => store.getAllKeys())).map(String),
    async read(name) {
      const bytes: unknown = await once("readonly", (store) => store.get(name));
      if (bytes instanceof Uint8Array) return bytes;
      throw new DataError(`indexedDBStore: there is no ${name}`, { format: "checkpoint" });
    },
    write: async (name, bytes) => void (await once("readwrite", (store) => store.put(bytes, name))),
    remove: (name) => once("readwrite", (store) => store.delete(name)),
  };
}

function answer<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(refusal(request.error));
  });
}

function refusal(error: DOMException | null): DataError {
  return new DataError(`indexedDBStore: ${error?.message ?? "the database refused"}`, { format: "checkpoint" });
}
