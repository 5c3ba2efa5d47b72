/** Milliseconds of work between two breaths: short enough for a page that draws 60 pictures a second. */
const pause = 12;

declare const setImmediate: ((done: () => void) => void) | undefined;

/** Lets whatever else waits on this thread run, where the last time was a while ago: events, requests, drawing. */
export function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < pause) return;
    await new Promise<void>((done) => (typeof setImmediate === "function" ? setImmediate(done) : setTimeout(done)));
    last = performance.now();
  };
}
