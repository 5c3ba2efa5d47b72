// Not broken: what the others are measured against.
import { suite } from "../suite.ts";

suite("sound", (test) => {
  test("returns", () => {});
  test("resolves", async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
});
