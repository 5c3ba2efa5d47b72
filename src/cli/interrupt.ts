/** Ctrl-C: the command ends with a report of what it has so far. */

export interface Interrupt {
  /** Whether Ctrl-C was pressed. */
  readonly aborted: boolean;
  /** No longer listens: Ctrl-C ends the process as usual. */
  stop(): void;
}

/** The exit code of a command that Ctrl-C ended. */
export const interruptedCode = 130;

/** Notes the first Ctrl-C, so that the command ends with a report; a second one ends the process at once. */
export function watchInterrupt(): Interrupt {
  const state = {
    aborted: false,
    stop: () => void process.off("SIGINT", listener),
  };
  const listener = () => {
    if (state.aborted) process.exit(interruptedCode);
    state.aborted = true;
  };
  process.on("SIGINT", listener);
  return state;
}

/** Milliseconds between two breaths. */
const pause = 100;
let last = 0;

/** Ops are synchronous: only between them can a signal be heard. Waits for one, if the last time was a while ago. */
export async function breathe(): Promise<void> {
  if (performance.now() - last < pause) return;
  await new Promise((resolve) => setImmediate(resolve));
  last = performance.now();
}
