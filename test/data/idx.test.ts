import { gzipSync } from "node:zlib";
import * as assert from "uvu/assert";
import { DataError, data } from "../../src/index.ts";
import { suite } from "../helpers/suite.ts";

const { gunzip, parseIdx } = data;

function fails(bytes: readonly number[], message: string): void {
  assert.throws(
    () => parseIdx(Uint8Array.from(bytes)),
    (error: unknown) => {
      assert.instance(error, DataError);
      assert.is((error as Error).message, message);
      return true;
    },
  );
}

const matrix = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255];

suite("idx", (test) => {
  test("reads a shape and elements", () => {
    const { shape, data: elements } = parseIdx(Uint8Array.from(matrix));
    assert.equal(shape, [2, 3]);
    assert.equal([...elements], [1, 2, 3, 4, 5, 255]);
  });

  test("reads bytes that begin somewhere in a buffer", () => {
    const buffer = Uint8Array.from([9, 9, 9, ...matrix, 9]);
    assert.equal(parseIdx(buffer.subarray(3, 3 + matrix.length)).shape, [2, 3]);
  });

  test("refuses what is no IDX file of bytes", () => {
    fails([0, 0], "idx: 2 bytes are too few for a header of at least 4");
    fails([1, 0, 8, 1, 0, 0, 0, 0], "idx: expected two zero bytes at the start, got 1 and 0; this is no IDX file");
    fails(
      [0, 0, 13, 1, 0, 0, 0, 0],
      "idx: expected elements of type 8 (unsigned bytes), got 13; only those can be read",
    );
    fails([0, 0, 8, 3, 0, 0, 0, 1], "idx: 8 bytes are too few for a header of 3 axes, or there are not 1 to 8");
    fails([0, 0, 8, 0], "idx: 4 bytes are too few for a header of 0 axes, or there are not 1 to 8");
    fails([0x1f, 0x8b, 8, 0], "idx: the bytes are compressed with gzip; unpack them with gunzip first");
  });

  test("refuses too few and too many elements", () => {
    const tail = "the file is cut off or damaged";
    fails(matrix.slice(0, -1), `idx: [2, 3] takes 18 bytes, but there are 17; ${tail}`);
    fails([...matrix, 0], `idx: [2, 3] takes 18 bytes, but there are 19; ${tail}`);
    const huge = [0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255];
    fails(huge, `idx: [4294967295, 4294967295] takes 18446744065119617000 bytes, but there are 12; ${tail}`);
  });

  test("gunzip unpacks, and passes on what is not packed", async () => {
    const packed = Uint8Array.from(gzipSync(Uint8Array.from(matrix)));
    assert.equal([...(await gunzip(packed))], matrix);
    assert.equal([...(await gunzip(Uint8Array.from(matrix)))], matrix);
  });

  test("gunzip refuses what is cut off", async () => {
    const packed = Uint8Array.from(gzipSync(Uint8Array.from(matrix))).subarray(0, 20);
    let error: unknown;
    await gunzip(packed).catch((caught) => {
      error = caught;
    });
    assert.instance(error, DataError);
    assert.is((error as Error).message, "gunzip: the 20 bytes are damaged or cut off");
  });
});
