/**
 * Trains Sora for 10,000 steps and compares memory after step 100 with memory at the end: `npm run soak -- [steps]
 * [batch size]`. Exits with 1 where other bytes are live or the WebAssembly memory has grown.
 */
import { crossEntropy, data, manualSeed, memory, optim, Sora, weightsSha256 } from "../src/index.ts";
import { mnist } from "../src/node.ts";

const steps = Number(process.argv[2] ?? 10_000);
const batchSize = Number(process.argv[3] ?? 8);

manualSeed(0);
const model = new Sora();
const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
const loader = new data.DataLoader(mnist("train"), { batchSize, shuffle: true, dropLast: true });

let step = 0;
let early = memory();
let late = early;
while (step < steps) {
  for (const { images, labels } of loader) {
    optimizer.zeroGrad();
    crossEntropy(model.forward(images), labels).backward();
    optimizer.step();
    step++;
    if (step === 100) early = memory();
    if (step === steps) {
      late = memory();
      break;
    }
  }
}
for (const [when, report] of [
  ["step 100", early],
  [`step ${steps}`, late],
] as const) {
  const { liveBytes, liveBlocks, totalBytes } = report;
  console.log(`${when}: ${liveBytes} bytes live in ${liveBlocks} blocks, ${totalBytes} bytes of WebAssembly memory`);
}
console.log(`weights ${weightsSha256(model)}`);
if (late.liveBytes !== early.liveBytes || late.totalBytes !== early.totalBytes) process.exitCode = 1;
