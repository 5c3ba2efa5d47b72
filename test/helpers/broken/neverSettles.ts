import { suite } from "../suite.ts";

suite("never settles", (test) => {
  test("waits without a handle", () => new Promise<void>(() => {}));
});
