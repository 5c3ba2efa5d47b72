import { suite } from "../suite.ts";

suite("narrowed", (test) => {
  test("is left out", () => {});
  test.only("runs alone", () => {});
});
