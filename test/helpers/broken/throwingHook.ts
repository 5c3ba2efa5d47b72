// uvu alone exits with 0 here: what its hooks throw is lost.
import { suite } from "uvu";

const test = suite("throwing hook");
test.before(() => {
  throw new Error("the ground is not prepared");
});
test("is never reached", () => {});
test.run();
