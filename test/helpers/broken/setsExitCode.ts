import { suite } from "../suite.ts";

suite("sets the exit code", (test) => {
  test("passes all the same", () => {
    process.exitCode = 3;
  });
});
