/** Files that numpy, PyTorch and safetensors wrote: `test/golden/makeFiles.py`. */
import { readFileSync } from "node:fs";
import type { DType } from "../../src/core/dtype.ts";
import type { NamedArray } from "../../src/io/safetensors.ts";
import { typedOver } from "../../src/io/storedNumbers.ts";

export interface ForeignFile {
  readonly title: string;
  readonly format: "npy" | "npz" | "pt" | "safetensors";
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What it holds, or part of the message that refuses it. */
  readonly arrays: ReadonlyMap<string, NamedArray>;
  readonly refused?: string;
}

interface Recorded {
  readonly title: string;
  readonly format: ForeignFile["format"];
  readonly file: string;
  readonly arrays?: Readonly<
    Record<string, { readonly dtype: DType; readonly shape: number[]; readonly data: string }>
  >;
  readonly refused?: string;
}

const { files } = JSON.parse(readFileSync(new URL("../golden/files.json", import.meta.url), "utf8")) as {
  readonly files: readonly Recorded[];
};

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, "base64"));

export const foreignFiles: readonly ForeignFile[] = files.map(({ title, format, file, arrays = {}, refused }) => ({
  title,
  format,
  bytes: bytesOf(file),
  arrays: new Map(
    Object.entries(arrays).map(([name, { dtype, shape, data }]) => [
      name,
      { dtype, shape, data: typedOver(dtype, bytesOf(data).buffer) },
    ]),
  ),
  ...(refused === undefined ? {} : { refused }),
}));
