import * as assert from "uvu/assert";
import { folded, sectionsOf } from "../../src/study/explain/pageText.ts";
import { suite } from "../helpers/suite.ts";

suite("page text", (test) => {
  test("finds the sections, without links", () => {
    const page =
      "# op\n\n## Shapes\n\nany\n\n## Gradient\n\nas [sum](sum.md) has it\n\n## Ties and edges\n\nnone\n\n## How it is done\n\nso\n";
    assert.equal(sectionsOf(page), { Shapes: "any", Gradient: "as sum has it", Edges: "none", Kernel: "so" });
    assert.equal(sectionsOf(""), { Shapes: undefined, Gradient: undefined, Edges: undefined, Kernel: undefined });
  });

  test("folds prose and lists, and leaves code as it is", () => {
    const words = Array.from({ length: 30 }, () => "word").join(" ");
    const { Gradient } = sectionsOf(
      `## Gradient\n\nshort\nlines\n\n- ${words}\n- b\n\n\`\`\`\ncode   is\n  code\n\`\`\`\n\nend\n`,
    );
    const [first, second] = folded(`- ${words}`, "  ").split("\n");
    assert.is(first!.length, 96);
    assert.is(Gradient, `short lines\n\n${first}\n${second}\n- b\n\n    code   is\n      code\n\nend`);
  });

  test("puts tables into columns", () => {
    const { Shapes } = sectionsOf("## Shapes\n\n| | shape |\n| --- | --- |\n| input | [N] |\n| a | [N, C] |\n");
    assert.is(Shapes, "       shape\ninput  [N]\na      [N, C]");
  });
});
