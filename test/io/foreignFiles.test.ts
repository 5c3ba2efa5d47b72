/** Files that numpy, PyTorch and safetensors wrote (`test/golden/makeFiles.py`) hold here what they hold there. */
import * as assert from "uvu/assert";
import { DataError } from "../../src/errors.ts";
import { readNpy, writeNpy } from "../../src/io/npy.ts";
import { readNpz, writeNpz } from "../../src/io/npz.ts";
import { readSafetensors, writeSafetensors } from "../../src/io/safetensors.ts";
import type { ConversionOptions } from "../../src/io/storedNumbers.ts";
import { readTorch } from "../../src/io/torch.ts";
import { readWeights } from "../../src/io/weights.ts";
import { Linear } from "../../src/nn/linear.ts";
import { bits } from "../helpers/compare.ts";
import { type ForeignFile, foreignFiles } from "../helpers/foreignFiles.ts";
import { suite } from "../helpers/suite.ts";

function read(format: ForeignFile["format"], bytes: Uint8Array, options?: ConversionOptions) {
  return format === "npy" ? new Map([["", readNpy(bytes, options)]]) : readWeights(bytes, options);
}

suite("files of numpy, PyTorch and safetensors", (test) => {
  for (const { title, format, bytes, arrays, refused } of foreignFiles) {
    test(title, () => {
      if (refused !== undefined) {
        assert.throws(
          () => read(format, bytes),
          (error: unknown) => {
            assert.instance(error, DataError);
            assert.ok((error as Error).message.includes(refused), (error as Error).message);
            assert.ok((error as DataError).format, "names no format");
            return true;
          },
        );
        return;
      }
      const found = read(format, bytes);
      assert.equal([...found.keys()].sort(), [...arrays.keys()].sort());
      for (const [name, { dtype, shape, data }] of arrays) {
        assert.is(found.get(name)!.dtype, dtype, name);
        bits(found.get(name)!, { shape, data }, name);
      }
    });
  }

  test("values beside tensors are read, too", () => {
    const { bytes } = foreignFiles.find(({ title }) => title === "pt state dict within a checkpoint")!;
    const value = readTorch(bytes) as Map<string, unknown>;
    assert.equal([...value.keys()], ["epoch", "model", "loss", "best", "names", "big"]);
    assert.equal(
      ["epoch", "loss", "best", "names", "big"].map((key) => value.get(key)),
      [3, 0.5, null, ["a", ["b", true]], 2 ** 40],
    );
  });

  test("what is written is what numpy writes", () => {
    const byTitle = (title: string) => foreignFiles.find((one) => one.title === title)!.bytes;
    for (const title of ["npy float32", "npy int32", "npy uint8", "npy scalar", "npy empty"]) {
      const bytes = byTitle(title);
      assert.equal(Buffer.from(writeNpy(readNpy(bytes))).toString("latin1"), Buffer.from(bytes).toString("latin1"));
    }
    const arrays = readNpz(byTitle("npz"));
    const again = readNpz(writeNpz(arrays));
    assert.equal([...again.keys()], [...arrays.keys()]);
    for (const [name, array] of arrays) bits(again.get(name)!, array, name);
    assert.equal(writeNpz(arrays), writeNpz(Object.fromEntries(arrays)));
  });

  test("numbers that would not survive are refused, and taken where that is allowed", () => {
    const f64 = (...values: number[]) => {
      const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${values.length},), }`.padEnd(117);
      const head = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0, ...new TextEncoder().encode(`${text}\n`)];
      return Uint8Array.from([...head, ...new Uint8Array(Float64Array.from(values).buffer)]);
    };
    const message = (body: () => unknown) => {
      try {
        body();
      } catch (error) {
        assert.instance(error, DataError);
        return [(error as DataError).message, (error as DataError).offset];
      }
      return assert.unreachable("nothing was refused");
    };
    assert.equal(
      message(() => readNpy(f64(1, 0.1))),
      [
        'npy: the array holds the float64 0.1 at index 1, which float32 does not hold; allow: ["rounding"] takes the nearest number',
        136,
      ],
    );
    assert.equal(
      message(() => readNpy(f64(1e300), { allow: ["rounding"] })),
      [
        'npy: the array holds the float64 1e+300 at index 0, which float32 does not hold; allow: ["range"] takes the nearest end of the range',
        128,
      ],
    );
    const rounded = readNpy(f64(0.1, 1e300, Number.NaN, -0), { allow: ["rounding", "range"] }).data;
    bits(rounded, Float32Array.of(0.1, Number.POSITIVE_INFINITY, Number.NaN, -0));

    const header = '{"n":{"dtype":"I64","shape":[3],"data_offsets":[0,24]}}';
    const file = Buffer.alloc(8 + header.length + 24);
    file.writeUInt32LE(header.length, 0);
    file.write(header, 8);
    for (const [k, value] of [1n, 2n ** 40n, -(2n ** 60n)].entries())
      file.writeBigInt64LE(value, 8 + header.length + 8 * k);
    assert.equal(
      message(() => readSafetensors(file)),
      [
        'safetensors: "n" holds the int64 1099511627776 at index 1, which int32 does not hold; allow: ["range"] takes the nearest end of the range',
        8 + header.length + 8,
      ],
    );
    assert.equal([...readSafetensors(file, { allow: ["range"] }).tensors.get("n")!.data], [1, 2 ** 31 - 1, -(2 ** 31)]);
  });

  test("a model takes what was read as it is, and what it is made of is written as it is", () => {
    const model = new Linear(2, 1);
    const read = readSafetensors(writeSafetensors(model.stateDict())).tensors;
    const other = new Linear(2, 1);
    other.loadStateDict(read);
    bits(other.weight, model.weight);
    const short = new Map([...read, ["bias", { dtype: "float32" as const, shape: [1], data: new Float32Array(2) }]]);
    assert.throws(
      () => other.loadStateDict(short),
      (error: Error) => error.message === "loadStateDict: bias has 1 numbers here but 2 there; nothing was changed",
    );
    for (const module of [model, other]) module.dispose();
  });
});
