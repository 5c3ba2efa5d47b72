import { watchRequests } from "../../src/engine/requests.ts";
import { MemoryError } from "../../src/errors.ts";

/** Runs `body` with the n-th block from here on refused; tells whether it came to that. */
export function failingAt(n: number, body: () => void): boolean {
  const { asked, error } = watchRequests(body, n);
  if (error !== undefined && !(error instanceof MemoryError)) throw error;
  return asked >= n;
}
