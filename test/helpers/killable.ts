/**
 * A process that may be killed at any moment: `killable train FOLDER STEPS` trains with a checkpoint every five steps and goes on where those of the
 * folder end; `model FOLDER` and `graph FOLDER` write one model, one graph after the other. A line is written before a step or a file
 * is begun and after it is done.
 */
import { writeSync } from "node:fs";
import { join } from "node:path";
import {
  argmax,
  Checkpoint,
  crossEntropy,
  data,
  defaultGenerator,
  manualSeed,
  nn,
  optim,
  rand,
  study,
  weightsSha256,
} from "../../src/index.ts";
import { folderStore, saveGraph, saveModel } from "../../src/node.ts";

const [what, folder, count] = process.argv.slice(2) as [string, string, string | undefined];
const say = (text: string) => writeSync(1, `${text}\n`);

manualSeed(3);
const inputs = rand([50, 20]);

if (what === "train") await train(Number(count));
else write();

async function train(steps: number): Promise<void> {
  const dataset = new data.TensorDataset({ inputs });
  const model = new nn.Sequential(new nn.Linear(20, 64), new nn.Dropout(0.1), new nn.ReLU(), new nn.Linear(64, 20));
  const optimizer = new optim.Adam(model.parameters());
  const loader = new data.DataLoader(dataset, { batchSize: 8, shuffle: true });
  const parts = { model, optimizer, loader, generator: defaultGenerator };
  const checkpoint = new Checkpoint(folderStore(folder), parts);
  const saved = await checkpoint.load();
  let step = saved?.step ?? 0;
  say(`from ${step}`);
  while (step < steps) {
    for (const batch of loader) {
      optimizer.zeroGrad();
      const labels = argmax(batch.inputs, 1);
      const loss = crossEntropy(model.forward(batch.inputs), labels);
      loss.backward();
      optimizer.step();
      say(`${++step} ${loss.item()}`);
      if (step % 5 === 0) {
        await checkpoint.save(step);
        say(`saved ${step}`);
      }
      if (step === steps) break;
    }
  }
  say(`weights ${weightsSha256(model)}`);
}

function write(): never {
  const model = new nn.Sequential(new nn.Linear(20, 300), new nn.ReLU(), new nn.Linear(300, 20));
  for (let turn = 1; ; turn++) {
    (model.namedParameters().next().value as [string, nn.Parameter])[1].data.fill(turn);
    say(`begins ${turn}`);
    if (what === "model") saveModel(model, join(folder, "model.safetensors"));
    else saveGraph(study.decompose(model, inputs), join(folder, "graph"));
    say(`wrote ${turn}`);
  }
}
