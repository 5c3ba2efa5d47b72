import { suite } from "../suite.ts";

suite("hangs", (test) => {
  test("waits with an open handle", () => {
    setInterval(() => {}, 1000);
    return new Promise<void>(() => {});
  });
});
