import { zeros } from "../../../src/core/creation.ts";
import { engine } from "../../../src/engine/module.ts";
import { suite } from "../suite.ts";

suite("writes outside", (test) => {
  test("overruns a block", () => {
    const { storage } = zeros([4]);
    new Float32Array(engine().memory.buffer, storage.ptr, 17).fill(1);
  });
});
