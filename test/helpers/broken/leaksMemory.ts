import { zeros } from "../../../src/core/creation.ts";
import { suite } from "../suite.ts";

suite("leaks memory", (test) => {
  test("keeps a tensor", () => {
    zeros([2, 3]).keep().label = "kept";
  });
  test("ends its tensors with itself", () => {
    zeros([2, 3]);
  });
});
