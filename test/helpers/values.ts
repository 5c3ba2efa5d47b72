/** Seeded numbers to fill tensors with, as the conformance suite does. */
export { randomIn } from "../../src/study/numbers/values.ts";
