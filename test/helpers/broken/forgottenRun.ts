// uvu alone exits with 0 here.
import { suite } from "uvu";

const test = suite("never run");
test("would fail", () => {
  throw new Error("nobody sees this");
});
