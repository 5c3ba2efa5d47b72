/** The arithmetic that is written out for each element of an output, computed from its text, gives that element. */
import * as assert from "uvu/assert";
import type { AnyParticle, Example } from "../../src/core/particle.ts";
import { study } from "../../src/index.ts";
import * as exported from "../../src/particles/index.ts";
import { particles } from "../../src/particles/list.ts";
import { computed, inputsOf } from "../../src/study/numbers/gradcheck.ts";
import { evaluate } from "../helpers/evaluate.ts";
import { suite } from "../helpers/suite.ts";

/** What `explain` writes behind `y[…] = `, one text an element, its lines joined. */
function arithmeticOf(particle: AnyParticle, { inputs, attributes }: Example<object, unknown>): string[] {
  const text = study.explain(particle, {
    inputs: inputs as never,
    ...(attributes !== undefined && { attributes: attributes as never }),
  });
  const [, section = ""] = /\n\nOutput, by the kernel\n\n([\s\S]*?)\n\n(?=\S)/.exec(text) ?? [];
  for (const line of section.split("\n"))
    assert.ok(line.length <= 110, `${line.length} characters are too wide: ${line}`);
  const lines = section.slice(section.indexOf("\n\n") + 2).replace(/\n {4,}/g, " ");
  return lines.split("\n").map((line) => line.trim().replace(/^y(?:\[[\d,]*\])? = /, ""));
}

/** Whether the text ends with the element's value, and comes to it when it is computed. */
function checkArithmetic(particle: AnyParticle, example: Example<object, unknown>): void {
  const inputs = inputsOf(particle, example);
  const { output } = computed(particle, inputs, example.attributes);
  const texts = arithmeticOf(particle, example);
  assert.is(texts.length, output.data.length, texts.join("\n"));
  for (const [index, text] of texts.entries()) {
    const expected = output.data[index]!;
    const [, right = text, shown = text] = /^(.*) = (\S+)$/.exec(text) ?? [];
    for (const found of [evaluate(particle, right, inputs), evaluate(particle, shown, inputs)]) {
      const near = Object.is(found, expected) || Math.abs(found - expected) <= 2e-5 * (1 + Math.abs(expected));
      if (!near) throw new Error(`${text}: that comes to ${found}, but the kernel gives ${expected}`);
    }
  }
}

suite("arithmetic", (test) => {
  for (const particle of particles) {
    test(`${particle.name}: every element of its example is computed from what is written`, () =>
      checkArithmetic(particle, particle.example!));
  }

  const logits = [
    [1, -2, 3],
    [0.5, 0, -1],
    [2, 2, 1],
  ];
  const target = [2, 0, 1];
  const weight = [0.5, 2, 1];
  for (const reduction of ["mean", "sum", "none"] as const) {
    for (const ignoreIndex of [undefined, 0]) {
      for (const own of [{}, { weight }]) {
        const said = `${reduction}${ignoreIndex === undefined ? "" : ", one ignored"}${"weight" in own ? ", with class weights" : ""}`;
        test(`nllLoss: ${said}`, () =>
          checkArithmetic(exported.nllLossParticle, {
            inputs: { input: logits, target, ...own },
            attributes: { ignoreIndex, reduction },
          }));
        for (const labelSmoothing of [0, 0.1, 1]) {
          test(`crossEntropy: ${said}, smoothing ${labelSmoothing}`, () =>
            checkArithmetic(exported.crossEntropyParticle, {
              inputs: { input: logits, target, ...own },
              attributes: { ignoreIndex, labelSmoothing, reduction },
            }));
        }
      }
    }
    for (const own of [{}, { posWeight: [2, 0.5] }]) {
      test(`bceWithLogits: ${reduction}${"posWeight" in own ? ", with weights" : ""}`, () =>
        checkArithmetic(exported.bceWithLogitsParticle, {
          inputs: { input: [[-1, 2], [0, 3]], target: [[0.3, 1], [0, 1]], ...own }, // biome-ignore format: as on paper
          attributes: { reduction },
        }));
    }
    for (const particle of [exported.mseLossParticle, exported.l1LossParticle]) {
      test(`${particle.name}: ${reduction}`, () =>
        checkArithmetic(particle as AnyParticle, {
          inputs: { input: [1, -2], target: [-3, 4] },
          attributes: { reduction },
        }));
    }
  }

  const others: readonly (readonly [string, unknown, Example<object, unknown>])[] = [
    ["along axis 0", exported.softmaxParticle, { inputs: { input: logits }, attributes: { axis: 0 } }],
    ["along axis 0", exported.logSoftmaxParticle, { inputs: { input: logits }, attributes: { axis: -2 } }],
    ["flattened", exported.argmaxParticle, { inputs: { input: logits }, attributes: { keepDim: false } }],
    ["ties", exported.argminParticle, { inputs: { input: [[2, 2, 3]] }, attributes: { axis: 1, keepDim: true } }],
    ["tanh", exported.geluParticle, { inputs: { input: [-1.5, 0, 2] }, attributes: { approximate: "tanh" } }],
    ["padding", exported.maxPool2dParticle, { inputs: { input: [[[1, -2], [3, 4]]] }, attributes: { kernelSize: 2, stride: 1, padding: 1 } }], // biome-ignore format: a table
    ["padding", exported.avgPool2dParticle, { inputs: { input: [[[1, -2], [3, 4]]] }, attributes: { kernelSize: 2, stride: 1, padding: 1 } }], // biome-ignore format: a table
    ["64 elements and more", exported.conv2dParticle, {
      inputs: { input: [[Array.from({ length: 7 }, (_, y) => Array.from({ length: 9 }, (__, x) => ((3 * x + 5 * y) % 7) - 3))]], weight: [[[[1, -2], [0.5, 3]]]] },
    }], // biome-ignore format: a table
  ];
  for (const [said, particle, example] of others) {
    const { name, example: usual } = particle as AnyParticle;
    const attributes = { ...(usual!.attributes as object), ...(example.attributes as object) };
    test(`${name}: ${said}`, () => checkArithmetic(particle as AnyParticle, { inputs: example.inputs, attributes }));
  }

  test("the op's own name is no arithmetic", () => {
    const silent = { ...exported.softmaxParticle } as AnyParticle;
    Object.assign(silent, { arithmetic: undefined });
    assert.throws(() => checkArithmetic(silent, silent.example!), /softmax is not defined/);
  });

  test("wrong arithmetic is found", () => {
    const wrong = { ...exported.sigmoidParticle, arithmetic: () => ["1 / 2", "1 / 2", "1 / 2"] } as AnyParticle;
    assert.throws(() => checkArithmetic(wrong, wrong.example!), /1 \/ 2 = 0.268941: that comes to 0.5, but the kernel/);
  });
});
