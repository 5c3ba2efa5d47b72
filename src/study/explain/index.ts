/** An op on numbers that can be followed by hand. */
export { type ExplainOptions, explain } from "./explain.ts";
export { type WorkedGradient, type WorkedOut, type WorkOutOptions, workOut } from "./workOut.ts";
