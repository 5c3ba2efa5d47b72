import { useEffect, useState } from "preact/hooks";
import { say } from "../frame/language.ts";

interface StepsProps {
  readonly count: number;
  readonly at: number | undefined;
  readonly onStep: (index: number) => void;
}

/** Milliseconds at each element. */
const pace = 900;

/** Leads from element to element of the output, by hand or by itself. */
export function Steps({ count, at, onStep }: StepsProps) {
  const [running, setRunning] = useState(false);
  const next = ((at ?? -1) + 1) % Math.max(1, count);
  const before = ((at ?? 0) - 1 + count) % Math.max(1, count);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setTimeout(() => onStep(next), pace);
    return () => clearTimeout(timer);
  }, [running, next]);
  return (
    <div class="steps">
      <button type="button" onClick={() => onStep(before)} aria-label={say("Element before", "上一个元素")}>
        ◀
      </button>
      <button type="button" class="main" onClick={() => setRunning(!running)} aria-pressed={running}>
        {running ? say("Stop", "停止") : say("Step through the output", "逐个走过输出")}
      </button>
      <button type="button" onClick={() => onStep(next)} aria-label={say("Element after", "下一个元素")}>
        ▶
      </button>
      <span class="soft">
        {at === undefined ? "–" : at + 1} / {count}
      </span>
    </div>
  );
}
