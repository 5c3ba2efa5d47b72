import { suite } from "../suite.ts";

suite("throws late", (test) => {
  test("passes at first", () => {
    setTimeout(() => {
      throw new Error("too late for the report");
    }, 50);
  });
});
