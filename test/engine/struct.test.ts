import * as assert from "uvu/assert";
import * as border from "../../src/engine/generated/border.ts";
import { engine } from "../../src/engine/module.ts";
import { type Struct, writeStruct } from "../../src/engine/struct.ts";
import { workspaceFor } from "../../src/engine/workspace.ts";
import { filesIn, read } from "../helpers/sources.ts";
import { suite } from "../helpers/suite.ts";

const structs = Object.entries(border).filter(([name]) => name.endsWith("Struct")) as [string, Struct<string>][];

suite("structs of the kernels", (test) => {
  test("are generated with every field in its place", () => {
    const declared = filesIn("assembly", ".ts").flatMap((path) =>
      [...read(path).matchAll(/^@unmanaged\nexport class (\w+) \{\n([\s\S]*?)^\}/gm)].map(
        ([, name, body]) => [name!, [...body!.matchAll(/^ {2}(\w+): \w+ = 0;$/gm)].map(([, field]) => field!)] as const,
      ),
    );
    assert.ok(declared.length > 0);
    assert.is(structs.length, declared.length);
    for (const [name, fields] of declared) {
      const struct = structs.find(([exported]) => exported === `${name[0]!.toLowerCase()}${name.slice(1)}Struct`)![1];
      assert.equal(struct.offsets, Object.fromEntries(fields.map((field, index) => [field, 4 * index])));
      assert.is(struct.bytes, 4 * fields.length);
    }
  });

  test("are written by name, and nothing beside them", () => {
    const at = workspaceFor(64);
    const words = () => new Int32Array(engine().memory.buffer, at, 4);
    words().fill(-1);
    writeStruct({ bytes: 8, offsets: { low: 4, high: 0 } }, at + 4, { high: 7, low: 2 ** 32 - 64 });
    assert.equal([...words()], [-1, 7, -64, -1]);
  });
});
