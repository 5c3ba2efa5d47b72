import { suite } from "../suite.ts";

suite("narrowed", (test) => {
  test.only("runs alone", () => {});
});
