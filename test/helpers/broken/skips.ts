import { suite } from "uvu";

const test = suite("skips");
test("runs", () => {});
test.skip("does not run", () => {});
test.run();
