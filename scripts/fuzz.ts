/** `npm run fuzz -- [inputs a format] [seed]`: mutates valid files of every format that is read, and prints how many were refused. */
import { scope } from "../src/core/scope.ts";
import { fuzz, fuzzed, fuzzedOfModels } from "../test/helpers/fuzz.ts";

const count = Number(process.argv[2] ?? 1_000_000);
const seed = Number(process.argv[3] ?? Math.floor(performance.timeOrigin) % 1_000_000);
console.log(`${count.toLocaleString("en-US")} inputs a format, seed ${seed}`);
for (const target of [...fuzzed, ...scope(fuzzedOfModels)]) {
  const inputs = Math.ceil(count * (target.share ?? 1));
  const started = performance.now();
  const accepted = fuzz(target, count, seed);
  const seconds = (performance.now() - started) / 1000;
  const rate = Math.round(inputs / seconds).toLocaleString("en-US");
  console.log(`${target.format}: ${inputs - accepted} refused, ${accepted} accepted, no fault; ${rate} inputs/s`);
}
