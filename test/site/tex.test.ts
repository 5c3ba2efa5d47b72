/** Every formula of a declaration can be set, and loses nothing on the way. */
import katex from "katex";
import * as assert from "uvu/assert";
import { tex } from "../../site/src/op/tex.ts";
import type { AnyParticle } from "../../src/core/particle.ts";
import * as exported from "../../src/particles/index.ts";
import { suite } from "../helpers/suite.ts";

const particles = (Object.values(exported) as unknown[]).filter(
  (value): value is AnyParticle => typeof value === "object" && value !== null && "definition" in value,
);

suite("formulas as TeX", (test) => {
  for (const { name, formula } of particles) {
    test(name, () => {
      const html = katex.renderToString(`\\begin{gathered}${tex(formula)}\\end{gathered}`, {
        output: "mathml",
        strict: false,
        throwOnError: true,
      });
      const set = html.replace(/<annotation.*<\/annotation>/s, "").replace(/<[^>]*>/g, " ");
      for (const word of formula.match(/[A-Za-z]{2,}/g) ?? [])
        assert.ok(set.includes(word), `${word} is lost in ${set}`);
    });
  }

  test("sums, fractions, powers, indices and cases", () => {
    assert.is(
      tex("y = 1/n · Σ x over the axes").replaceAll(" ", ""),
      "y=\\frac{1}{n}\\cdot\\sumx\\\\text{over}\\\\text{the}\\\\text{axes}",
    );
    assert.match(tex("y[o] = Σ i  x[i] · w[o,i]"), "\\sum_{i}{x}_{i}");
    assert.match(tex("y = Σ n a[n] / Σ n b[n]"), "\\frac{\\sum_{n}{a}_{n}}{\\sum_{n}{b}_{n}}");
    assert.match(tex("y = 1 / (1 + e⁻ˣ)"), "\\frac{1}{1 +e^{-x}}");
    assert.match(tex("y = x > 0 ? x : 0"), "\\begin{cases} x &\\text{if } x >0 \\\\ 0 &\\text{otherwise} \\end{cases}");
  });
});
