/** Option values: parsed, and refused in one line. */
import { InvalidArgumentError } from "commander";

/** Something the user typed that cannot be done; ends the command with code 2. */
export class UsageError extends Error {}

/** A parser of whole numbers within bounds, for commander. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}

/** A parser of positive numbers. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be a number greater than 0.");
}
