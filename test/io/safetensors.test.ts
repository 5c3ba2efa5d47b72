import * as assert from "uvu/assert";
import { tensor } from "../../src/core/creation.ts";
import { DataError } from "../../src/errors.ts";
import { type NamedArray, readSafetensors, type Safetensors, writeSafetensors } from "../../src/io/safetensors.ts";
import { bits } from "../helpers/compare.ts";
import { expectError } from "../helpers/particleChecks.ts";
import { suite } from "../helpers/suite.ts";
import { randomIn } from "../helpers/values.ts";

const f32 = (shape: number[], ...data: number[]): NamedArray => ({
  dtype: "float32",
  shape,
  data: Float32Array.from(data),
});

/** A file with this header, of any length, and `dataBytes` of 1, 2, 3, … behind it. */
function fileOf(header: string | Uint8Array, dataBytes = 0): Uint8Array<ArrayBuffer> {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  for (let index = 0; index < dataBytes; index++) bytes[8 + text.length + index] = index + 1;
  return bytes;
}

function info(shape: string, begin: number | string, end: number | string, dtype = "F32"): string {
  return `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;
}

function same(actual: Safetensors, expected: Safetensors): void {
  assert.equal([...actual.metadata], [...expected.metadata]);
  assert.equal([...actual.tensors.keys()].sort(), [...expected.tensors.keys()].sort());
  for (const [name, { dtype, shape, data }] of expected.tensors) {
    const found = actual.tensors.get(name)!;
    assert.is(found.dtype, dtype);
    bits(found, { shape, data }, name);
  }
}

const sample: Safetensors = {
  tensors: new Map<string, NamedArray>([
    ["mask", { dtype: "uint8", shape: [3], data: Uint8Array.of(1, 0, 255) }],
    ["conv1.weight", f32([1, 2, 3], 0, 0.25, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** -149)],
    ["labels", { dtype: "int32", shape: [2, 1], data: Int32Array.of(-1, 7) }],
    ["scalar", f32([], 0.5)],
    ["empty", f32([0, 3])],
    ["__proto__", f32([1], 4)],
    ["constructor", f32([1], 5)],
    ["", f32([1], 6)],
    ['"Größe"\n\\ 🦆', f32([1], 7)],
  ]),
  metadata: new Map([
    ["format", "pt"],
    ["__proto__", 'a "text"\u0000'],
  ]),
};

suite("safetensors", (test) => {
  test("reads what it wrote", () => {
    same(readSafetensors(writeSafetensors(sample.tensors, sample.metadata)), sample);
    same(readSafetensors(writeSafetensors(new Map())), { tensors: new Map(), metadata: new Map() });
  });

  test("writes the bytes of the format", () => {
    const bytes = writeSafetensors(
      new Map<string, NamedArray>([
        ["b", { dtype: "uint8", shape: [1], data: Uint8Array.of(9) }],
        ["a", f32([2], 1, -2)],
      ]),
      new Map([["epoch", "3"]]),
    );
    const header =
      '{"__metadata__":{"epoch":"3"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    assert.is(new TextDecoder().decode(bytes.subarray(8, 8 + padded.length)), padded);
    assert.equal([...bytes.subarray(0, 8)], [padded.length, 0, 0, 0, 0, 0, 0, 0]);
    assert.equal([...bytes.subarray(8 + padded.length)], [0, 0, 128, 63, 0, 0, 0, 192, 9]);
  });

  test("writes tensors as they are", () => {
    const weight = tensor([[1, 2]]);
    const { tensors } = readSafetensors(writeSafetensors(new Map([["weight", weight]])));
    bits(tensors.get("weight")!, { shape: [1, 2], data: [1, 2] });
  });

  test("reads what Python's safetensors 0.8 wrote", () => {
    const written =
      "cAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCIsIsOpcHJldXZlIjoiamFcblwieFwiIn0sImNvbnYxLndlaWdodCI6eyJkdHlwZSI6" +
      "IkYzMiIsInNoYXBlIjpbMSwyLDNdLCJkYXRhX29mZnNldHMiOlswLDI0XX0sImVtcHR5Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlswLDNdLCJkYXRh" +
      "X29mZnNldHMiOlsyNCwyNF19LCJzY2FsYXIiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6W10sImRhdGFfb2Zmc2V0cyI6WzI0LDI4XX0sImxhYmVscyI6" +
      "eyJkdHlwZSI6IkkzMiIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzI4LDM2XX0sIm1hc2siOnsiZHR5cGUiOiJVOCIsInNoYXBlIjpbM10sImRh" +
      "dGFfb2Zmc2V0cyI6WzM2LDM5XX19ICAgICAgIAAAAAAAAIA+AAAAPwAAQD8AAIA/AACgPwAAAD//////BwAAAAEA/w==";
    same(readSafetensors(Buffer.from(written, "base64")), {
      tensors: new Map<string, NamedArray>([
        ["conv1.weight", f32([1, 2, 3], 0, 0.25, 0.5, 0.75, 1, 1.25)],
        ["empty", f32([0, 3])],
        ["scalar", f32([], 0.5)],
        ["labels", { dtype: "int32", shape: [2], data: Int32Array.of(-1, 7) }],
        ["mask", { dtype: "uint8", shape: [3], data: Uint8Array.of(1, 0, 255) }],
      ]),
      metadata: new Map([
        ["format", "pt"],
        ["épreuve", 'ja\n"x"'],
      ]),
    });
  });

  test("what it reads is a copy, also where the data are not aligned and the file is a part of a larger buffer", () => {
    const file = fileOf(`{"a":${info("[1]", 1, 5)},"b":${info("[1]", 0, 1, "U8")}}`, 5);
    for (const offset of [0, 1, 3]) {
      const larger = Buffer.alloc(file.length + 8);
      larger.set(file, offset);
      const { tensors } = readSafetensors(larger.subarray(offset, offset + file.length));
      larger.fill(0);
      const found = tensors.get("a")!.data;
      assert.equal([...new Uint8Array(found.buffer, found.byteOffset, 4)], [2, 3, 4, 5]);
    }
  });

  test("every NaN is written alike", () => {
    const odd = new Float32Array(Uint32Array.of(0xffc12345).buffer);
    const bytes = writeSafetensors(new Map([["a", { dtype: "float32", shape: [1], data: odd }]]));
    assert.equal([...bytes.subarray(-4)], [0, 0, 0xc0, 0x7f]);
  });

  test("tensors may lie in another order than they are named, and an empty one anywhere between", () => {
    const header = `{ "b" : ${info("[1]", 4, 8)}, "n":${info("[0]", 4, 4)},\n"a":${info("[1]", 0, 4)}}\t  `;
    assert.equal([...readSafetensors(fileOf(header, 8)).tensors.keys()], ["b", "n", "a"]);
  });
});

suite("safetensors refuses", (test) => {
  const refuses = (title: string, file: Uint8Array<ArrayBuffer>, message: string, options = {}): void =>
    test(title, () => {
      for (const input of [file, file.buffer]) {
        expectError(() => readSafetensors(input, options), DataError, `safetensors: ${message}`);
      }
    });
  const refusesTensor = (title: string, text: string, message: string, dataBytes = 4): void =>
    refuses(title, fileOf(`{"a":${text}}`, dataBytes), message);
  const a = info("[1]", 0, 4);
  const long = fileOf("{}");
  long[0] = 200;
  const huge = fileOf("{}");
  huge[7] = 255;

  refuses("a file without a length", new Uint8Array(7), "the file has 7 bytes; at least 8 are needed");
  refuses("an empty header", new Uint8Array(8), "the header does not begin with {");
  refuses(
    "a header longer than the file",
    long,
    "the header is said to have 200 bytes, but only 2 follow; the file is cut off",
  );
  refuses(
    "a header of exabytes",
    huge,
    "the header is said to have 18374686479671624000 bytes, more than 16000000; is this a safetensors file? If so, raise maxHeaderBytes",
  );
  refuses(
    "a header beyond the limit",
    fileOf(`{${" ".repeat(100)}}`),
    "the header is said to have 102 bytes, more than 64; is this a safetensors file? If so, raise maxHeaderBytes",
    { maxHeaderBytes: 64 },
  );
  refuses("a header that begins with a space", fileOf(" {}"), "the header does not begin with {");
  refuses("a byte order mark", fileOf("\uFEFF{}"), "the header does not begin with {");
  refuses("an array", fileOf("[]"), "the header does not begin with {");
  refuses("bad UTF-8", fileOf(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), "the header is not valid UTF-8");
  refuses(
    "half of a surrogate pair",
    fileOf('{"\\ud800":1}'),
    'a string of valid characters was expected at character 1 of the header, but it goes on with "\\"\\\\ud800\\":1}"',
  );
  refuses(
    "an unknown escape",
    fileOf('{"\\x":1}'),
    'a string of valid characters was expected at character 1 of the header, but it goes on with "\\"\\\\x\\":1}"',
  );
  refuses(
    "a control character in a string",
    fileOf('{"a\nb":1}'),
    'the end of a string was expected at character 3 of the header, but it goes on with "\\nb\\":1}"',
  );
  refuses(
    "a header that stops",
    fileOf('{"a'),
    "the end of a string was expected at character 3 of the header, but the header ends",
  );
  refuses(
    "text behind the header",
    fileOf("{} {}"),
    'the end of the header was expected at character 3 of the header, but it goes on with "{}"',
  );
  refuses(
    "a comma too many",
    fileOf(`{"a":${a},}`, 4),
    'a string was expected at character 54 of the header, but it goes on with "}"',
  );
  refuses("a name twice", fileOf(`{"a":${a},"a":${a}}`, 4), 'the header has "a" twice');
  refuses("a name twice, once escaped", fileOf(`{"a":${a},"\\u0061":${a}}`, 4), 'the header has "a" twice');
  refuses("a text twice", fileOf('{"__metadata__":{"x":"1","x":"2"}}'), '__metadata__ has "x" twice');
  refuses("metadata twice", fileOf('{"__metadata__":{},"__metadata__":{}}'), 'the header has "__metadata__" twice');
  refuses(
    "a text that is a number",
    fileOf('{"__metadata__":{"x":1}}'),
    'a string was expected at character 21 of the header, but it goes on with "1}}"',
  );
  refuses(
    "a tensor that is a number",
    fileOf('{"a":1}'),
    '{ was expected at character 5 of the header, but it goes on with "1}"',
  );

  refusesTensor("a field twice", '{"dtype":"F32","dtype":"F32"}', '"a" has "dtype" twice');
  refusesTensor("a missing field", '{"dtype":"F32","shape":[1]}', '"a" has no data_offsets');
  refusesTensor("no field at all", "{}", '"a" has no dtype');
  refusesTensor("an unknown field", '{"offset":[0]}', '"a" has an unknown field "offset"');
  refusesTensor("an unknown dtype", info("[1]", 0, 4, "F33"), '"a" has an unknown dtype "F33"');
  refusesTensor(
    "a dtype that only others have",
    info("[4]", 0, 4, "F8_E4M3"),
    '"a" has dtype F8_E4M3, which is not read; convert it to F32',
  );
  const expected = "a whole number from 0 to 2⁵³ − 1 was expected at character";
  for (const [title, size] of [
    ["a negative size", "-1"],
    ["a size of −0", "-0"],
    ["a size beyond 2⁵³", "9007199254740993"],
    ["a size with a leading 0", "01"],
    ["no size", ""],
  ] as const) {
    const rest = `${size},1],"data_offsets"`.slice(0, 12);
    refusesTensor(
      title,
      info(`[${size},1]`, 0, 4),
      `${expected} 29 of the header, but it goes on with ${JSON.stringify(rest)}`,
    );
  }
  for (const size of ["1.0", "1e0"]) {
    const rest = `${size.slice(1)}],"data_offsets"`.slice(0, 12);
    refusesTensor(
      `a size of ${size}`,
      info(`[${size}]`, 0, 4),
      `, was expected at character 30 of the header, but it goes on with ${JSON.stringify(rest)}`,
    );
  }
  refusesTensor(
    "a size beyond 2³¹",
    info("[2147483648,0]", 0, 0),
    '"a" has a dimension of 2147483648, more than 2147483647',
    0,
  );
  refusesTensor("nine dimensions", info("[1,1,1,1,1,1,1,1,1]", 0, 4), '"a" has 9 dimensions, more than 8');
  refusesTensor(
    "a product that overflows to the right size",
    info("[2147483647,2147483647,2147483647,2147483647]", 0, 4),
    '"a" has 2.1267647892944573e+37 elements, more than 536870908 (shape [2147483647, 2147483647, 2147483647, 2147483647])',
  );
  refusesTensor("too few bytes for the shape", info("[2]", 0, 4), '"a" has 4 bytes, which are not F32 of shape [2]');
  refusesTensor(
    "one offset",
    '{"dtype":"F32","shape":[1],"data_offsets":[0]}',
    '"a" has 1 data_offsets; there must be 2',
  );
  refusesTensor("an end before the begin", info("[1]", 4, 0), '"a" ends at byte 0, before its begin 4');
  refusesTensor(
    "an end behind the file",
    info("[2]", 0, 8),
    '"a" ends at byte 8, but there are only 4; the file is cut off',
  );
  refusesTensor(
    "a hole at the start",
    info("[1]", 4, 8),
    '"a" begins at byte 4 and leaves a hole, since data is used up at 0',
    8,
  );
  refusesTensor("bytes behind the last tensor", a, "tensors end at byte 4, but there are 5 bytes of data", 5);
  refuses(
    "an overlap",
    fileOf(`{"a":${info("[2]", 0, 8)},"b":${info("[1]", 4, 8)}}`, 8),
    '"b" begins at byte 4 and overlaps the tensor before it, which ends at 8',
  );
  refuses(
    "a hole between tensors",
    fileOf(`{"a":${a},"b":${info("[1]", 8, 12)}}`, 12),
    '"b" begins at byte 8 and leaves a hole, since data is used up at 4',
  );

  test("to write what could not be read", () => {
    const half = "\ud800";
    for (const [tensors, metadata, message] of [
      [new Map([["__metadata__", f32([])]]), new Map(), 'no tensor can be named "__metadata__"; rename it'],
      [new Map([["a", f32([2], 1)]]), new Map(), '"a" has 1 numbers for shape [2]'],
      [new Map([[half, f32([1], 1)]]), new Map(), '"\\ud800" is no valid text; it has half of a surrogate pair'],
      [new Map(), new Map([["x", half]]), '"\\ud800" is no valid text; it has half of a surrogate pair'],
    ] as const) {
      const write = () => writeSafetensors(tensors as Map<string, NamedArray>, metadata as Map<string, string>);
      expectError(write, DataError, `safetensors: ${message}`);
    }
  });
});

/** Reads a file that may be anything: it is refused with a DataError, or it can be written and read again. */
function survives(file: Uint8Array): boolean {
  let found: Safetensors;
  try {
    found = readSafetensors(file);
  } catch (error) {
    if (error instanceof DataError) return false;
    throw error;
  }
  same(readSafetensors(writeSafetensors(found.tensors, found.metadata)), found);
  return true;
}

suite("safetensors, hostile files", (test) => {
  const seeds = [
    writeSafetensors(sample.tensors, sample.metadata),
    writeSafetensors(new Map()),
    fileOf(`{"a":${info("[1]", 0, 4)},"b":${info("[2]", 4, 12)},"c":${info("[]", 12, 13, "U8")}}`, 13),
    fileOf(`{"__metadata__":{"a":"b"},"a":${info("[1,1]", 0, 4, "I32")},"n":${info("[0,7]", 4, 4)}}  `, 4),
  ];

  test("cut off at any byte", () => {
    for (const seed of seeds) {
      for (let length = 0; length < seed.length; length++) assert.not(survives(seed.subarray(0, length)));
    }
  });

  test("40,000 mutations", () => {
    const random = randomIn(1);
    const below = (limit: number): number => Math.floor(random() * limit);
    const pieces = [
      '"',
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "0",
      "4",
      "-1",
      "1e9",
      "\\u0000",
      "a",
      " ",
      '"shape":',
      '"U8"',
      "9".repeat(17),
    ].map((piece) => new TextEncoder().encode(piece));
    let accepted = 0;
    for (let turn = 0; turn < 40_000; turn++) {
      const seed = seeds[turn % seeds.length]!;
      let bytes = [...seed];
      for (let count = 1 + below(3); count > 0; count--) {
        const at = random() < 0.9 ? 8 + below(bytes.length - 8) : below(8);
        const kind = below(5);
        if (kind === 0) bytes[at] = below(256);
        else if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
        else if (kind === 2) bytes.splice(at, 1 + below(4));
        else if (kind === 3) bytes.splice(at, 0, ...pieces[below(pieces.length)]!);
        else bytes = [...bytes.slice(0, at), ...seed.slice(8 + below(seed.length - 8))];
      }
      // Half of them with a length that says where the header's last brace is, to come past the first checks.
      const file = Uint8Array.from(bytes);
      if (random() < 0.5 && file.length >= 8) new DataView(file.buffer).setUint32(0, file.lastIndexOf(0x7d) - 7, true);
      if (survives(file)) accepted++;
    }
    assert.ok(accepted > 300 && accepted < 30_000, `${accepted} were accepted`);
  });

  test("100,000 tensors on one slice, and as many in a row", () => {
    const names = Array.from({ length: 100_000 }, (_, index) => index);
    const overlap = fileOf(`{${names.map((index) => `"${index}":${info("[1]", 0, 4)}`).join(",")}}`, 4);
    assert.not(survives(overlap));
    const row = fileOf(
      `{${names.map((index) => `"${index}":${info("[1]", 4 * index, 4 * index + 4)}`).join(",")}}`,
      400_000,
    );
    assert.is(readSafetensors(row).tensors.size, 100_000);
  });

  test("a header of brackets does not overflow the stack", () => {
    assert.not(survives(fileOf('{"a":'.repeat(200_000))));
    assert.not(survives(fileOf(`{"a":{"shape":${"[".repeat(200_000)}`)));
  });
});
