import { suite } from "../suite.ts";

suite("rejects unheard", (test) => {
  test("drops a promise", () => {
    void Promise.reject(new Error("nobody awaits this"));
  });
});
