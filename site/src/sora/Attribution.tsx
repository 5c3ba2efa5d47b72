import { useEffect, useState } from "preact/hooks";
import { Failure } from "../frame/Failure.tsx";
import { say } from "../frame/language.ts";
import { shown } from "../op/values.ts";
import { Pixels } from "../work/Pixels.tsx";
import { base } from "../work/remote.ts";
import type { Ask } from "./SoraSection.tsx";

interface Explained {
  readonly target: number;
  readonly cam: ArrayLike<number>;
  readonly integrated: ArrayLike<number>;
  readonly sums: { readonly sum: number; readonly difference: number };
}

interface AttributionProps {
  readonly ask: Ask;
  readonly pixels: Float32Array;
  readonly best: number;
}

/** Where in the picture the score of a digit comes from, in the network as it was trained. */
export function Attribution({ ask, pixels, best }: AttributionProps) {
  const [target, setTarget] = useState<number>();
  const [explained, setExplained] = useState<Explained>();
  const [error, setError] = useState<unknown>();
  const digit = target ?? best;
  useEffect(() => {
    let current = true;
    // While somebody draws, only where the pen rests.
    const timer = setTimeout(() => {
      ask("attribute", { base: base(), pixels, target: digit }).then(
        (found) => current && setExplained({ ...found, target: digit }),
        setError,
      );
    }, 250);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [pixels, digit]);
  return (
    <>
      <p>
        <label>
          {say("What speaks for the digit", "是什么支持数字")}{" "}
          <select value={digit} onChange={(event) => setTarget(Number(event.currentTarget.value))}>
            {Array.from({ length: 10 }, (_, option) => (
              <option key={option} value={option}>
                {option}
              </option>
            ))}
          </select>
        </label>
      </p>
      {explained && (
        <div class="tensors">
          <figure class="plane">
            <Pixels
              data={explained.integrated}
              rows={28}
              columns={28}
              scale={6}
              colors="signed"
              label={say("Integrated gradients", "积分梯度")}
            />
            <figcaption>
              {say(
                "Integrated gradients: what each pixel adds to the score. Their sum",
                "积分梯度：每个像素对分数的贡献。其总和",
              )}{" "}
              {shown(explained.sums.sum, 5)}; {say("the score's rise from a black picture", "分数相对全黑图的增量")}{" "}
              {shown(explained.sums.difference, 5)}.
            </figcaption>
          </figure>
          <figure class="plane">
            <Pixels data={explained.cam} rows={28} columns={28} scale={6} label="Grad-CAM" />
            <figcaption>
              {say(
                "Grad-CAM: where the last maps found what speaks for it.",
                "Grad-CAM：最后一层特征图在何处找到了支持它的东西。",
              )}
            </figcaption>
          </figure>
        </div>
      )}
      {error !== undefined && <Failure error={error} />}
    </>
  );
}
