import { suite } from "../suite.ts";

suite("fails", (test) => {
  test("passes", () => {});
  test("fails", () => {
    throw new Error("plainly");
  });
});
