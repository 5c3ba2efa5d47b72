import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode as encodePng } from "fast-png";
import { encode as encodeJpeg } from "jpeg-js";
import * as assert from "uvu/assert";
import { DataError, data } from "../../src/index.ts";
import { readCsv, readImage, SummaryWriter } from "../../src/node.ts";
import { bound } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

/** Runs a body with a folder of its own. */
function inFolder(body: (path: (name: string) => string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "files-"));
  try {
    body((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fails(body: () => unknown, message: string | RegExp): void {
  assert.throws(body, (error: unknown) => {
    assert.instance(error, DataError);
    if (typeof message === "string") assert.is((error as Error).message, message);
    else assert.match((error as Error).message, message);
    return true;
  });
}

suite("readCsv", (test) => {
  test("gives columns as text, numbers and classes", () =>
    inFolder((path) => {
      writeFileSync(path("a.csv"), 'kind,"a, b",c\r\nx,1,2.5\r\ny,-3e2,4\r\n"x",0,"5"\r\n');
      const table = readCsv(path("a.csv"));
      assert.equal(table.names, ["kind", "a, b", "c"]);
      assert.is(table.length, 3);
      assert.equal(table.numbers(["c", "a, b"]).toArray(), [
        [2.5, 1],
        [4, -300],
        [5, 0],
      ]);
      const { labels, names } = table.classes("kind");
      assert.equal(labels.toArray(), [0, 1, 0]);
      assert.equal(names, ["x", "y"]);
      assert.equal(table.column("kind"), ["x", "y", "x"]);
      writeFileSync(path("b.tsv"), "1\t2\n3\t4\n");
      assert.equal(
        readCsv(path("b.tsv"), { names: ["p", "q"] })
          .numbers()
          .toArray(),
        [
          [1, 2],
          [3, 4],
        ],
      );
    }));

  test("says what is wrong", () =>
    inFolder((path) => {
      const table = new data.Table(["a"], [["1"], ["two"], [""]]);
      fails(() => table.numbers(), 'Table: "two" in row 2 of a is no number');
      fails(() => table.column("b"), 'Table: there is no column "b"; there are a');
      fails(() => new data.Table(["a", "b"], [["1"]]), "Table: row 1 has 1 fields, but there are 2 columns");
      writeFileSync(path("c.csv"), 'a,b\n1,"2\n');
      fails(() => readCsv(path("c.csv")), /c\.csv: Quoted field unterminated \(row \d\)$/);
      writeFileSync(path("d.csv"), "");
      fails(() => readCsv(path("d.csv")), `${path("d.csv")}: there is no row`);
      fails(() => readCsv(path("e.csv")), /there is no such file/);
    }));
});

suite("readImage", (test) => {
  test("reads PNG in grey and in colour", () =>
    inFolder((path) => {
      const grey = Uint8Array.of(0, 51, 102, 255, 204, 153);
      writeFileSync(path("g.png"), encodePng({ width: 3, height: 2, data: grey, channels: 1 }));
      const image = readImage(path("g.png"));
      assert.equal(image.shape, [1, 2, 3]);
      bound(image.data, [0, 0.2, 0.4, 1, 0.8, 0.6], 1e-7);
      const colours = readImage(path("g.png"), { channels: 3 });
      assert.equal(colours.shape, [3, 2, 3]);
      bound(colours.data.slice(6, 12), image.data, 1e-7);
      const rgba = Uint8Array.of(255, 0, 0, 9, 0, 255, 0, 9);
      writeFileSync(path("c.png"), encodePng({ width: 2, height: 1, data: rgba, channels: 4 }));
      assert.equal(readImage(path("c.png")).toArray(), [[[1, 0]], [[0, 1]], [[0, 0]]]);
      bound(readImage(path("c.png"), { channels: 1 }).data, [0.299, 0.587], 1e-6);
    }));

  test("reads JPEG", () =>
    inFolder((path) => {
      const bytes = Buffer.from(Array.from({ length: 64 }, () => [200, 100, 50, 255]).flat());
      writeFileSync(path("a.jpg"), encodeJpeg({ width: 8, height: 8, data: bytes }, 95).data);
      const image = readImage(path("a.jpg"));
      assert.equal(image.shape, [3, 8, 8]);
      bound(
        [0, 64, 128].map((at) => image.data[at]! * 255),
        [200, 100, 50],
        3,
      );
    }));

  test("says what is wrong", () =>
    inFolder((path) => {
      writeFileSync(path("a.gif"), "GIF89a");
      fails(() => readImage(path("a.gif")), `${path("a.gif")}: the bytes are neither a PNG nor a JPEG file`);
      writeFileSync(path("b.png"), Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2, 3));
      fails(() => readImage(path("b.png")), /b\.png: /);
      writeFileSync(path("c.jpg"), Uint8Array.of(0xff, 0xd8, 1, 2, 3));
      fails(() => readImage(path("c.jpg")), /c\.jpg: /);
    }));
});

suite("SummaryWriter", (test) => {
  test("writes records that TensorBoard reads", () =>
    inFolder((path) => {
      const writer = new SummaryWriter(path("runs"));
      writer.addScalar("epoch/loss", 0.5, 300);
      writer.close();
      const [name] = readdirSync(path("runs"));
      assert.match(name!, /^events\.out\.tfevents\.\d+\./);
      const bytes = readFileSync(join(path("runs"), name!));
      const first = bytes.readUInt32LE(0);
      assert.is(
        bytes
          .subarray(12, 12 + first)
          .toString("latin1")
          .slice(9),
        "\x1a\x0dbrain.Event:2",
      );
      const second = 16 + first;
      const event = bytes.subarray(second + 12, second + 12 + bytes.readUInt32LE(second));
      const scalar = Buffer.concat([Buffer.from("\x0a\x0aepoch/loss\x15"), Buffer.of(0, 0, 0, 0x3f)]);
      assert.equal(
        event.subarray(9),
        Buffer.concat([Buffer.of(0x10, 0xac, 0x02, 0x2a, scalar.length + 2, 0x0a, scalar.length), scalar]),
      );
      assert.is(first, 24);
      assert.is(bytes.readUInt32LE(8), 0x224b7fa3);
      assert.is(bytes.length, second + 16 + event.length);
    }));
});
