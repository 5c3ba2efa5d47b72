/**
 * `tsx scripts/site/compactWeights.ts FILE`: trained weights of Sora in a form that a page loads:
 * `site/public/sora.safetensors.gz`.
 *
 * Each number is rounded to a half-precision one, those of the large layer to 4 significant bits, so that the file
 * shrinks when it is packed; it stays an ordinary safetensors file of float32, and nothing is rounded again when it is
 * read. Prints accuracy and hash.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { argmax, data, readSafetensors, Sora, scope, weightsSha256, writeSafetensors } from "../../src/index.ts";
import { loadModel, mnist } from "../../src/node.ts";

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("name the file of trained weights");
const { tensors } = readSafetensors(readFileSync(file));
for (const [name, { data: numbers }] of tensors) {
  for (let at = 0; at < numbers.length; at++) numbers[at] = rounded(numbers[at]!, name === "fc1.weight" ? 4 : 11);
}
const plain = writeSafetensors(tensors);
const packed = gzipSync(plain, { level: 9 });
const place = new URL("../../site/public/sora.safetensors.gz", import.meta.url);
writeFileSync(place, packed);

const model = new Sora();
const unpacked = "build/sora.safetensors";
writeFileSync(unpacked, plain);
loadModel(model, unpacked);
let right = 0;
const test = mnist("test");
for (const { images, labels } of new data.DataLoader(test, { batchSize: 500 })) {
  scope(() => {
    const best = argmax(model.forward(images), 1).data;
    labels.data.forEach((label, at) => {
      if (best[at] === label) right++;
    });
  });
}
console.log(`${packed.length} bytes, ${right} of ${test.length} test images read rightly, ${weightsSha256(model)}`);

/** To so many significant bits, and to what half precision can hold. */
function rounded(value: number, bits: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -14);
  if (value === 0) return 0;
  const unit = 2 ** (exponent - bits + 1);
  return Math.round(value / unit) * unit;
}
