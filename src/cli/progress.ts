/**
 * Shows how far a command is: a bar on a terminal, now and then a line elsewhere. Writes to stderr, so that stdout
 * stays for results.
 */
import { Presets, SingleBar } from "cli-progress";

/**
 * Seconds between two lines where there is no terminal; the first comes with the first step, so that one sees it going.
 */
const lineInterval = 10;

export interface Progress {
  /** Without a loss none is shown. */
  update(done: number, loss?: number): void;
  stop(): void;
}

/** Progress over `total` steps of `unitsPerStep` images, headed by `title`; `before` of them were done earlier. */
export function showProgress(title: string, total: number, unitsPerStep: number, before = 0): Progress {
  const make = process.stderr.isTTY ? bar : lines;
  return make(title, total, unitsPerStep, before);
}

function bar(title: string, total: number, unitsPerStep: number, before: number): Progress {
  const shown = new SingleBar(
    {
      format: `${title} {bar} {percentage} % | {loss}{rate} images/s | {left} left`,
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
    },
    Presets.shades_classic,
  );
  const started = performance.now();
  shown.start(total, before, { loss: "", rate: "–", left: "–" });
  return {
    update: (done, loss) => shown.update(done, figures(started, done, total, unitsPerStep, before, loss)),
    stop: () => shown.stop(),
  };
}

function lines(title: string, total: number, unitsPerStep: number, before: number): Progress {
  const started = performance.now();
  let last = Number.NEGATIVE_INFINITY;
  return {
    update(done, loss) {
      const now = performance.now();
      if (now - last < 1000 * lineInterval && done < total) return;
      last = now;
      const at = figures(started, done, total, unitsPerStep, before, loss);
      process.stderr.write(`${title} ${done}/${total} | ${at.loss}${at.rate} images/s | ${at.left} left\n`);
    },
    stop: () => {},
  };
}

function figures(started: number, done: number, total: number, unitsPerStep: number, before: number, loss?: number) {
  const seconds = (performance.now() - started) / 1000;
  return {
    loss: loss === undefined ? "" : `loss ${loss.toFixed(4)} | `,
    rate: Math.round(((done - before) * unitsPerStep) / seconds).toLocaleString("en-US"),
    left: duration((seconds / (done - before)) * (total - done)),
  };
}

/** `1 min 05 s`, or `8 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
