import { suite } from "../suite.ts";

suite("loops", (test) => {
  test("never returns", () => {
    for (;;);
  });
});
