import { existsSync, readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { withExample } from "../../scripts/pageExample.ts";
import { pageOf } from "../../scripts/pages.ts";
import type { AnyParticle } from "../../src/core/particle.ts";
import { costFor } from "../../src/core/plans.ts";
import { study } from "../../src/index.ts";
import * as exported from "../../src/particles/index.ts";
import { particles } from "../../src/particles/list.ts";
import { inputsOf } from "../../src/study/numbers/gradcheck.ts";
import { suite } from "../helpers/suite.ts";

const words = ["One", "Two", "Three"];

const shapesOf = (particle: AnyParticle) =>
  Object.fromEntries(Object.entries(inputsOf(particle, particle.example!)).map(([port, { shape }]) => [port, shape]));

/** Without links, code marks and line breaks. */
const plain = (text: string) =>
  text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/`/g, "")
    .replace(/\s+/g, " ")
    .trim();

suite("explain", (test) => {
  for (const particle of particles) {
    const { name, formula, summary, example } = particle;

    test(`${name}: its page says what its declaration says`, () => {
      assert.ok(existsSync(pageOf(name)), `there is no page of ${name}`);
      const page = readFileSync(pageOf(name), "utf8");
      const [title, sentence] = page.split("\n\n");
      assert.is(title, `# ${name}`);
      assert.is(plain(sentence!), summary);
      const blocks = page.match(/^(?: {4}.*\n)+|^```\n[\s\S]*?^```/gm) ?? [];
      assert.ok(
        blocks.length > 0 && plain(blocks[0]!).startsWith(plain(formula)),
        `its first formula is not ${formula}`,
      );
    });

    test(`${name}: its page has the example of its declaration, worked out by the kernel`, () => {
      const page = readFileSync(pageOf(name), "utf8");
      const hint = `the page of ${name} is not what its declaration says; npm run docs:examples writes it anew`;
      assert.is(page, withExample(page, particle), hint);
      for (const port of Object.keys(example!.inputs)) assert.ok(page.includes(port), `it does not name ${port}`);
      assert.match(page, /^## Shapes$/m);
    });

    test(`${name}: its page and its declaration agree on the cost of an element`, () => {
      const [, section = ""] = /^## Cost\n\n([\s\S]*)/m.exec(readFileSync(pageOf(name), "utf8")) ?? [];
      assert.not.equal(section.trim(), "");
      const [, flops, bytes] =
        /^(?:About )?(\w+) (?:FLOP|operation|comparison)s?(?: and (\d+) bytes)? an? (?:\w+ )?(?:element|logit|input)\b/.exec(
          section,
        ) ?? [];
      if (flops === undefined) return;
      const [, values] = Object.entries(inputsOf(particle, example!))[0]!;
      const cost = costFor(particle, shapesOf(particle), example!.attributes);
      const count = words.indexOf(flops) + 1 || Number(flops);
      assert.is(cost.flops, count * values.data.length, section);
      if (bytes !== undefined) assert.is(cost.bytes, Number(bytes) * values.data.length, section);
    });

    test(`${name}: every element of its example is worked out`, () => {
      assert.ok(example, "there is no example");
      const page = readFileSync(pageOf(name), "utf8");
      const text = study.explain(particle, { page });
      assert.ok(text.startsWith(`${name}: ${summary}\n\nFormula\n\n${formula.replace(/^/gm, "  ")}\n`), text);
      for (const title of [
        "Shapes",
        "Numbers",
        "Output, by the kernel",
        "Gradient, derived",
        "Conventions and edges",
        "The kernel",
        "Gradient of the example",
        "Cost of the example",
      ]) {
        assert.ok(text.includes(`\n\n${title}\n\n`), `${title} is missing`);
      }
      for (const line of text.split("\n"))
        assert.ok(line.length <= 130, `${line.length} characters are too wide: ${line}`);
      if (!particle.shares) assert.match(text, /assembly\/[\w/]+\.ts/);
      assert.not.match(text, /= undefined|\[object/);
    });

    if (particle.backward) {
      test(`${name}: the gradient of its example is that of its definition`, () => {
        const { inputs, attributes } = example!;
        assert.ok(study.gradcheck(particle, inputs as never, attributes).length > 0);
      });
    }
  }

  const lines = (text: string) => text.split("\n").map((line) => line.trim());

  test("writes sums of products out", () => {
    const text = lines(study.explain(exported.conv2dParticle));
    assert.ok(text.includes("y[0,0,0,0] = 1·1 + 2·0 + 4·1 + 5·1 = 10"));
    assert.ok(text.includes("y[0,0,1,1] = 5·1 + 6·0 + 8·1 + 9·1 = 22"));
    assert.ok(text.some((line) => /^dx\[0,0,1,1\] = 1·1 \+ 1·1 \+ 1·1 +3 +3$/.test(line)));
  });

  test("puts numbers into the formulas of element-wise ops", () => {
    const text = lines(study.explain(exported.reluParticle, { inputs: { input: [-2, 3] } }));
    assert.ok(text.includes("y[0] = max(−2, 0) = 0"));
    assert.ok(text.includes("y[1] = max(3, 0) = 3"));
    assert.ok(lines(study.explain(exported.eluParticle)).includes("y[0] = (−1 > 0 ? −1 : 1·(e^(−1) − 1)) = −0.632121"));
    assert.ok(lines(study.explain(exported.meanParticle)).includes("y[0] = (1 + 2 + 3) / 3 = 2"));
  });

  test("takes own numbers and attributes", () => {
    const text = study.explain(exported.linearParticle, {
      inputs: { input: [2, 3], weight: [[4, 5]], bias: [0.5] },
    });
    assert.ok(lines(text).includes("y[0] = 2·4 + 3·5 + 0.5 = 23.5"));
    const strided = study.explain(exported.conv2dParticle, { attributes: { stride: [2, 2] } });
    assert.ok(lines(strided).includes("output  y [1, 1, 1, 1] float32"));
  });

  test("refuses what nobody can follow", () => {
    const input = Array.from({ length: 65 }, (_, index) => index);
    assert.throws(() => study.explain(exported.reluParticle, { inputs: { input } }), /relu: 65 elements are too many/);
  });
});

suite("gradcheck", (test) => {
  test("gives the gradient and the difference of each port", () => {
    const [a, b] = study.gradcheck(exported.mulParticle, { a: [1, 2], b: [3, 4] }, undefined);
    assert.equal([a!.port, b!.port], ["a", "b"]);
    assert.ok(a!.error < 1e-6 && b!.error < 1e-6);
  });

  test("names the element whose gradient is wrong", () => {
    const broken: typeof exported.squareParticle = {
      ...exported.squareParticle,
      definition: ({ input }) => Array.from(input.data, (x, index) => x * x + (index === 1 ? x - 2 : 0)),
    };
    assert.throws(
      () => study.gradcheck(broken, { input: [1, 2] }, undefined),
      /square: element 1 of the gradient of input is \S+, but the definition gives/,
    );
  });
});
