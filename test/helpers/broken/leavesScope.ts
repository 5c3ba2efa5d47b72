import { openScope } from "../../../src/core/scope.ts";
import { suite } from "../suite.ts";

suite("leaves a scope", (test) => {
  test("opens it and goes away", () => {
    openScope("scope");
  });
});
