/** The comparators of values, which the conformance suite uses as well. */
export * from "../../src/study/numbers/compare.ts";
