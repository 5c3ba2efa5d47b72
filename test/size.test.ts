/** What a program weighs that a bundler made of the library: what it does not import it must not carry. */
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import * as assert from "uvu/assert";
import { suite } from "./helpers/suite.ts";

interface Program {
  readonly code: string;
  /** The most that it may weigh, minified and compressed by gzip. */
  readonly bytes: number;
  /** Parts that are not for it. */
  readonly without: RegExp;
}

const programs: Record<string, Program> = {
  "two ops": {
    code: `
      import { relu, tensor } from "quarkgrad";
      console.log(relu(tensor([-1, 2])).data);`,
    bytes: 26_000,
    without:
      /src\/(?:methods|functional|nn|optim|data|io|study|models|training|metrics)|generated\/(?!activation|engine|build|border|worker)/,
  },
  training: {
    code: `
      import { crossEntropy, manualSeed, Sora } from "quarkgrad";
      import { DataLoader } from "quarkgrad/data";
      import { mnist, saveModel } from "quarkgrad/node";
      import { Adam } from "quarkgrad/optim";

      manualSeed(0);
      const model = new Sora();
      const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
      for (const { images, labels } of new DataLoader(mnist("train"), { batchSize: 64, shuffle: true })) {
        optimizer.zeroGrad();
        const loss = crossEntropy(model.forward(images), labels);
        loss.backward();
        optimizer.step();
      }
      saveModel(model, "sora.safetensors");`,
    // The aim is 60 kB. Half of it is kernels, of which it needs a part: a binary is made for a family, not for an op.
    bytes: 84_000,
    without:
      /src\/(?:methods|functional|study|training|metrics)|optim\/(?:sgd|muon|ema|schedules)|generated\/(?:arithmetic)/,
  },
};

const sources: Record<string, string> = {
  quarkgrad: "src/index.ts",
  "quarkgrad/data": "src/data/index.ts",
  "quarkgrad/optim": "src/optim/index.ts",
  "quarkgrad/node": "src/node.ts",
};

/** The bundle, and what each file has of it. */
async function bundled(code: string): Promise<{ text: string; parts: [file: string, bytes: number][] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: resolve(".") },
    outdir: "build/size",
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "node",
    mainFields: ["module", "main"],
    write: false,
    metafile: true,
    alias: Object.fromEntries(Object.entries(sources).map(([name, path]) => [name, resolve(path)])),
  });
  const { inputs } = Object.values(metafile.outputs)[0]!;
  const parts = Object.entries(inputs).map(([file, { bytesInOutput }]): [string, number] => [file, bytesInOutput]);
  return { text: outputFiles[0]!.text, parts: parts.filter(([, bytes]) => bytes > 0).sort((a, b) => b[1] - a[1]) };
}

suite("bundles", (test) => {
  for (const [name, { code, bytes, without }] of Object.entries(programs)) {
    test(`${name}: at most ${bytes / 1000} kB`, async () => {
      const { text, parts } = await bundled(code);
      const weight = gzipSync(text, { level: 9 }).length;
      const strangers = parts.filter(([file]) => without.test(file)).map(([file]) => file);
      assert.equal(strangers, [], `${name} carries what it does not use`);
      const list = parts.map(([file, size]) => `${String(size).padStart(7)} ${file}`).join("\n");
      assert.ok(
        weight <= bytes,
        `${name} weighs ${weight} bytes compressed, more than ${bytes}; before that:\n${list}`,
      );
    });
  }
});
