import * as assert from "uvu/assert";
import { ones, study, tensor } from "../../src/index.ts";
import { suite } from "../helpers/suite.ts";

suite("contactSheet", (test) => {
  test("lays tiles out in rows, each from black to white", () => {
    const tiles = tensor([[[0, 1]], [[2, 4]], [[5, 5]]]);
    const sheet = study.contactSheet(tiles, { columns: 2, scale: 1, gap: 1 });
    assert.equal([sheet.width, sheet.height, sheet.channels], [7, 5, 1]);
    const rows = Array.from({ length: 5 }, (_, row) => [...sheet.data.subarray(row * 7, row * 7 + 7)]);
    const white = [255, 255, 255, 255, 255, 255, 255];
    assert.equal(rows, [white, [255, 0, 255, 255, 0, 255, 255], white, [255, 0, 0, 255, 255, 255, 255], white]);
  });

  test("takes the range of the whole sheet, and makes squares", () => {
    const sheet = study.contactSheet(tensor([[[0, 1]], [[2, 4]]]), { columns: 1, scale: 2, gap: 0, range: "sheet" });
    assert.equal([...sheet.data], [0, 0, 64, 64, 0, 0, 64, 64, 128, 128, 255, 255, 128, 128, 255, 255]);
  });

  test("paints signs blue and red", () => {
    const sheet = study.contactSheet(tensor([[[-2, 0, 1, Number.NaN]]]), { scale: 1, gap: 0, colors: "signed" });
    assert.equal([...sheet.data], [0, 0, 255, 255, 255, 255, 255, 128, 128, 0, 0, 0]);
    const framed = study.contactSheet(tensor([[[0]]]), { scale: 1, gap: 1, colors: "signed" });
    assert.equal([framed.data[0], framed.data[12]], [160, 255]);
  });

  test("takes three channels as colours", () => {
    const tiles = tensor([0, 255, 10, 20, 30, 40], { shape: [1, 3, 1, 2] });
    const sheet = study.contactSheet(tiles, { scale: 1, gap: 0, colors: "rgb" });
    assert.equal([...sheet.data], [0, 10, 30, 255, 20, 40]);
  });

  test("has a row for each filter of several channels", () => {
    const sheet = study.contactSheet(ones([64, 32, 3, 3]));
    assert.equal([sheet.width, sheet.height], [32 * 14 + 2, 64 * 14 + 2]);
  });

  test("errors say what is wrong", () => {
    assert.throws(() => study.contactSheet(ones([3, 3])), /\[N, H, W\] or \[N, C, H, W\] and not empty, got \[3, 3\]/);
    assert.throws(() => study.contactSheet(ones([1, 2, 3, 3]), { colors: "rgb" }), /\[N, 3, H, W\]/);
    assert.throws(() => study.contactSheet(ones([1, 3, 3]), { scale: 0 }), /scale 0/);
  });
});
