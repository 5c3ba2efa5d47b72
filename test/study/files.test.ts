import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { AnyParticle } from "../../src/core/particle.ts";
import {
  DataError,
  manualSeed,
  memory,
  nn,
  pad,
  rand,
  reluParticle,
  Sora,
  study,
  type Tensor,
  tensor,
} from "../../src/index.ts";
import { loadGraph, saveGraph } from "../../src/node.ts";
import { suite } from "../helpers/suite.ts";

/** Attributes that JSON has no words for. */
class Bordered extends nn.Module {
  forward(input: Tensor): Tensor {
    return pad(input, [1, 1], { value: Number.NEGATIVE_INFINITY });
  }
}

function refused(body: () => void, pattern: RegExp): void {
  assert.throws(body, (error: unknown) => error instanceof DataError && pattern.test(error.message));
}

suite("graph files", (test) => {
  for (const granularity of ["layer", "op", "kernel"] as const) {
    test(`give back a graph with the bits of Sora at ${granularity} granularity`, () => {
      manualSeed(0);
      const model = new Sora();
      const graph = study.decompose(model, rand([1, 1, 28, 28]), { granularity });
      const back = study.graphFromFiles(study.graphToFiles(graph));
      assert.ok(study.verify(model, back, rand([2, 1, 28, 28])).equal);
      assert.is(back.toMermaid(), graph.toMermaid());
      assert.equal(
        [...back.namedParameters()].map(([name]) => name),
        [...graph.namedParameters()].map(([name]) => name),
      );
      assert.equal(study.graphToFiles(back), study.graphToFiles(graph));
      model.dispose();
    });
  }

  test("keep infinite attributes", () => {
    const graph = study.decompose(new Bordered(), tensor([1, 2]));
    const back = study.graphFromFiles(study.graphToFiles(graph));
    assert.equal(back.nodes[0]!.attributes, graph.nodes[0]!.attributes);
    assert.equal((back.run(tensor([1, 2])) as Tensor).toArray(), [-Infinity, 1, 2, -Infinity]);
  });

  test("hash the content of a particle, wherever it stands", () => {
    manualSeed(1);
    const model = new Sora();
    const graph = study.decompose(model, rand([1, 1, 28, 28]), { granularity: "kernel" });
    const hashOf = (from: study.ParticleGraph, id: string) => study.contentSha256(from.node(id), from.tensors);
    assert.is(hashOf(graph, "relu#1"), hashOf(graph, "relu#3"));
    assert.is.not(hashOf(graph, "conv2d#1/filter0"), hashOf(graph, "conv2d#1/filter1"));
    const ops = study.decompose(model, rand([1, 1, 28, 28]));
    const changed = study.removeKernel(ops, "conv2d#1", 5);
    assert.is.not(hashOf(changed, "conv2d#1"), hashOf(ops, "conv2d#1"));
    assert.is(hashOf(changed, "conv2d#2"), hashOf(ops, "conv2d#2"));
    model.dispose();
  });

  test("take particles from outside the library", () => {
    const own = { ...(reluParticle as AnyParticle), name: "rectify" };
    const model = new nn.ReLU();
    const graph = study.replace(study.decompose(model, rand([3])), "relu#1", own);
    const files = study.graphToFiles(graph);
    refused(() => study.graphFromFiles(files), /no particle is named "rectify"/);
    assert.ok(study.verify(model, study.graphFromFiles(files, { particles: [own] }), tensor([-1, 0, 2])).equal);
  });

  test("refuse what was changed", () => {
    const model = new nn.Linear(2, 2);
    const files = study.graphToFiles(study.decompose(model, rand([1, 2])));
    const text = new TextDecoder().decode(files.get("graph.json")!);
    const withText = (changed: string) => new Map(files).set("graph.json", new TextEncoder().encode(changed));
    refused(() => study.graphFromFiles(new Map()), /graph.json is missing/);
    refused(() => study.graphFromFiles(withText("{")), /is not JSON/);
    refused(() => study.graphFromFiles(withText("null")), /is not of format/);
    refused(() => study.graphFromFiles(withText(text.replace('"linear"', '"matmul"'))), /the hash of linear#1/);
    refused(
      () => study.graphFromFiles(withText(text.replaceAll('"input#1"', '"input#2"').replace('"input#2"', '"x"'))),
      /nothing before it makes/,
    );
    const name = study.tensorsFileOf(files.get("graph.json")!);
    const numbers = files.get(name)!.slice();
    numbers[numbers.length - 1]! ^= 1;
    refused(() => study.graphFromFiles(new Map(files).set(name, numbers)), /are not those that were written/);
    model.dispose();
  });

  test("refuse a graph.json of any other form, and keep no memory", () => {
    const model = new nn.Linear(2, 2);
    const files = study.graphToFiles(study.decompose(model, rand([1, 2])));
    const description = JSON.parse(new TextDecoder().decode(files.get("graph.json")!));
    const node = description.nodes[0];
    const changes: Record<string, unknown>[] = [
      { nodes: [null] },
      { nodes: {} },
      { inputs: [null] },
      { inputs: [{ name: "x", shape: [-1], dtype: "float32" }] },
      { inputs: [{ name: "x", shape: [1], dtype: "constructor" }] },
      { outputs: [null] },
      { tensors: { "1.weight": null } },
      { tensors: [] },
      { granularity: "fine" },
      { tensorsFile: "../../etc/passwd" },
      { nodes: [{ ...node, inputs: { input: 5 } }] },
      { nodes: [{ ...node, layer: undefined }] },
      { nodes: [{ ...node, attributes: { $: "own" } }] },
      { nodes: [{ ...node, attributes: JSON.parse(`${"[".repeat(1000)}${"]".repeat(1000)}`) }] },
    ];
    const { liveBytes } = memory();
    for (const change of changes) {
      const bytes = new TextEncoder().encode(JSON.stringify({ ...description, ...change }));
      refused(() => study.graphFromFiles(new Map(files).set("graph.json", bytes)), /^graph: /);
    }
    const deep = `{"format":"quarkgrad-graph","version":1,"nodes":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    refused(() => study.graphFromFiles(new Map(files).set("graph.json", new TextEncoder().encode(deep))), /^graph: /);
    assert.is(memory().liveBytes, liveBytes);
    model.dispose();
  });

  test("lie in a folder", () => {
    const folder = mkdtempSync(join(tmpdir(), "graph-"));
    try {
      const model = new nn.Linear(3, 2);
      saveGraph(study.decompose(model, rand([1, 3])), join(folder, "new"));
      const names = readdirSync(join(folder, "new"));
      assert.match(names.join(), /^graph\.json,tensors-[0-9a-f]{16}\.safetensors$/);
      assert.ok(study.verify(model, loadGraph(join(folder, "new")), rand([4, 3])).equal);
      // A new one takes the old one's place, and leaves nothing of it.
      model.bias!.data.fill(7);
      saveGraph(study.decompose(model, rand([1, 3])), join(folder, "new"));
      assert.is(readdirSync(join(folder, "new")).length, 2);
      assert.not.equal(readdirSync(join(folder, "new")), names);
      assert.ok(study.verify(model, loadGraph(join(folder, "new")), rand([4, 3])).equal);
      refused(() => void loadGraph(join(folder, "none")), /there is no such file or folder/);
      model.dispose();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
