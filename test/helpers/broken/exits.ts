import { suite } from "../suite.ts";

suite("exits", (test) => {
  test("ends the process with success", () => process.exit(0));
});
