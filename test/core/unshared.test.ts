import * as assert from "uvu/assert";
import { ones, relu, tensor, zeros } from "../../src/index.ts";
import { suite } from "../helpers/suite.ts";

(globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated = false; // as in a page without COOP and COEP

suite("memory that is not shared", (test) => {
  test("reading a tensor leaves the views of others as they are", () => {
    const small = ones([4]);
    const large = relu(zeros([1, 1, 2048, 2048]));
    const view = small.data;
    assert.is(large.data.length, 2 ** 22);
    assert.is(view.length, 4);
    tensor([1, 2, 3, 4]).data.set(view);
  });
});
