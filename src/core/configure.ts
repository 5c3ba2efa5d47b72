/** What a user may choose about how things are computed. */
import { QuarkError } from "../errors.ts";

export interface Settings {
  /**
   * Whether 3 × 3 convolutions of stride 1 may use Winograd's algorithm: more than twice as fast, with a rounding error a few times
   * that of the direct sum. True by default.
   */
  readonly winograd: boolean;
}

let current: Settings = { winograd: true };

/** The settings in force. */
export function settings(): Settings {
  return current;
}

/**
 * Changes settings for all that is computed from now on: `configure({ winograd: false })`. What is not named stays as it is.
 *
 * @throws QuarkError where a setting does not exist or is not a boolean; nothing is changed then.
 */
export function configure(changes: Partial<Settings>): void {
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(current, name)) {
      throw new QuarkError(
        `configure: there is no setting "${name}"; there are ${Object.keys(current)
          .map((one) => `"${one}"`)
          .join(", ")}`,
      );
    }
    if (typeof value !== "boolean") {
      throw new QuarkError(`configure: ${name} must be true or false, got ${String(value)}; give a boolean`);
    }
  }
  current = Object.freeze({ ...current, ...changes });
}
