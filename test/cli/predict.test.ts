import { mkdirSync, writeFileSync } from "node:fs";
import { encode as encodePng } from "fast-png";
import { encode as encodeJpeg } from "jpeg-js";
import * as assert from "uvu/assert";
import { digitOf, readPicture } from "../../src/cli/digit.ts";
import { DataError, version } from "../../src/index.ts";
import { mnist } from "../../src/node.ts";
import { atWork, lastLine, quarkgrad, refused, succeeds } from "../helpers/commandLine.ts";
import { fuzz } from "../helpers/fuzz.ts";
import { suite } from "../helpers/suite.ts";

const side = 28;
/** The first image of MNIST's test set, a seven. */
const seven = mnist("test").images.subarray(0, side * side);
const same = Float32Array.from(seven, (byte) => byte / 255);

/** The picture larger, on a larger sheet, with dark ink on light paper. */
function scanned(times: number, [right, down]: readonly [number, number], sheet: number): Uint8Array {
  const pixels = new Uint8Array(sheet * sheet).fill(255);
  for (let y = 0; y < side * times; y++) {
    for (let x = 0; x < side * times; x++) {
      pixels[(y + down) * sheet + x + right] = 255 - seven[Math.floor(y / times) * side + Math.floor(x / times)]!;
    }
  }
  return pixels;
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length;
}

const pictureOf = (bytes: Uint8Array) => digitOf(readPicture(bytes, "picture"));
const png = (data: Uint8Array, width: number, channels: 1 | 2 | 3 | 4 = 1) =>
  encodePng({ width, height: data.length / channels / width, data, channels, depth: 8 });

suite("pictures of digits", (test) => {
  test("a picture of MNIST stays what it is, light on dark or dark on light, grey or in colours", () => {
    assert.equal(pictureOf(png(seven, side)), same);
    const inverted = seven.map((byte) => 255 - byte);
    assert.ok(meanDifference(pictureOf(png(inverted, side)), same) < 1e-7);
    const colours = Uint8Array.from({ length: 3 * seven.length }, (_, at) => seven[Math.floor(at / 3)]!);
    assert.ok(meanDifference(pictureOf(png(colours, side, 3)), same) < 1e-7);
    // Ink on nothing.
    const ink = Uint8Array.from({ length: 2 * seven.length }, (_, at) => (at % 2 === 0 ? 0 : seven[at >> 1]!));
    assert.ok(meanDifference(pictureOf(png(ink, side, 2)), same) < 1e-7);
  });

  test("a scan is cut out, scaled and centred as MNIST is", () => {
    for (const [times, place, sheet] of [
      [6, [0, 0], 168],
      [9, [300, 40], 600],
    ] as const) {
      const pixels = scanned(times, place, sheet);
      assert.ok(meanDifference(pictureOf(png(pixels, sheet)), same) < 0.02, `${times} times`);
      const data = Uint8Array.from({ length: 4 * pixels.length }, (_, at) => (at % 4 === 3 ? 255 : pixels[at >> 2]!));
      const jpeg = encodeJpeg({ width: sheet, height: sheet, data }, 90).data;
      assert.ok(meanDifference(pictureOf(jpeg), same) < 0.03, `${times} times, as JPEG`);
    }
    assert.equal(pictureOf(png(new Uint8Array(400).fill(255), 20)), new Float32Array(side * side));
  });

  test("what is no picture is refused, before anything is unpacked", () => {
    const whole = png(seven, side);
    const huge = whole.slice();
    new DataView(huge.buffer).setUint32(16, 100_000);
    new DataView(huge.buffer).setUint32(20, 100_000);
    for (const [bytes, message] of [
      [new Uint8Array(3), "picture: this is neither PNG nor JPEG"],
      [huge, "picture: 100000 × 100000 pixels are none or more than 50000000"],
      [whole.slice(0, 20), "picture: the png is cut off"],
    ] as const) {
      assert.throws(
        () => pictureOf(bytes),
        (error: unknown) => error instanceof DataError && error.message === message,
      );
    }
    const read = (bytes: Uint8Array) => readPicture(bytes, "picture");
    const data = Uint8Array.from({ length: 4 * seven.length }, (_, at) => (at % 4 === 3 ? 255 : seven[at >> 2]!));
    const jpeg = encodeJpeg({ width: side, height: side, data }, 80).data;
    for (const [format, seed] of [
      ["png", whole],
      ["jpeg", Uint8Array.from(jpeg)],
    ] as const) {
      fuzz({ format, seeds: [seed], read, words: ["IHDR", "PLTE", "\xff\xd9", "\xff\xc0", "\xff\xda"] }, 2000, 1);
    }
  });
});

suite("quarkgrad predict, eval and summary of any model", (test) => {
  test("a model in a folder gives what Sora's weights give", () =>
    atWork({ test: 10 }, async ({ data, weights, path }) => {
      writeFileSync(path("seven.png"), png(scanned(4, [9, 3], 150), 150));
      await succeeds(["decompose", weights, "--data", data, "--out", path("graph")]);
      const args = [path("seven.png"), path("seven.png"), "--json"];
      const [own, graph] = await Promise.all(
        [weights, path("graph")].map((file) => quarkgrad(["predict", file, ...args])),
      );
      assert.is(own!.code, 0, own!.stderr);
      assert.match(own!.stderr, /seven\.png: \d\n {2}0 █* +\d+\.\d\d %\n/);
      interface Report {
        readonly predictions: readonly { readonly digit: number; readonly probabilities: readonly number[] }[];
      }
      const { predictions } = lastLine<Report>(own!.stdout);
      assert.equal(predictions[0]!.probabilities, predictions[1]!.probabilities);
      assert.equal(lastLine<Report>(graph!.stdout), lastLine<Report>(own!.stdout));

      const [a, b] = await Promise.all(
        [weights, path("graph")].map((file) => succeeds(["eval", file, "--data", data])),
      );
      assert.is(b, a);
      const [full, bare] = await Promise.all([succeeds(["summary", weights]), succeeds(["summary", path("graph")])]);
      const totals = (text: string) => text.slice(text.indexOf("Total parameters"));
      assert.is(totals(bare), totals(full));
      assert.match(bare, /^conv2 \(conv2d\) +\[1, 64, 14, 14\] +18,496 +3,612,672$/m);
    }));

  test("says what it cannot read", () =>
    atWork({ test: 1 }, async ({ weights, path }) => {
      mkdirSync(path("empty"));
      writeFileSync(path("text.png"), "no picture");
      await refused(
        ["predict", weights, path("none.png")],
        /none\.png: there is no such file or folder; check the path$/m,
      );
      await refused(["predict", weights, path("text.png")], /text\.png: this is neither PNG nor JPEG$/m);
      await refused(
        ["predict", path("empty"), path("text.png")],
        /graph\.json: there is no such file or folder; .*decompose --out folder/,
      );
      assert.is(await succeeds(["--version"]), `${version}\n`);
    }));
});
