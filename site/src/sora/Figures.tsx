import { useEffect, useState } from "preact/hooks";
import { Failure } from "../frame/Failure.tsx";
import { say } from "../frame/language.ts";
import { base } from "../work/remote.ts";
import { type Edits, none } from "./edits.ts";
import type { Ask } from "./SoraSection.tsx";

interface Measured {
  readonly samples: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly wrong: readonly number[];
}

interface FiguresProps {
  readonly ask: Ask;
  readonly edits: Edits;
  readonly onReset: () => void;
  readonly onShow: (image: number) => void;
}

/** How well the network reads the test images, whole and as it is now. */
export function Figures({ ask, edits, onReset, onShow }: FiguresProps) {
  const [whole, setWhole] = useState<Measured>();
  const [now, setNow] = useState<Measured>();
  const [error, setError] = useState<unknown>();
  const changed = edits.off.length > 0 || Object.keys(edits.swapped).length > 0;
  useEffect(() => {
    ask("measure", { base: base(), edits: none }).then(setWhole, setError);
  }, []);
  useEffect(() => {
    let current = true;
    setNow(undefined);
    if (changed) ask("measure", { base: base(), edits }).then((figures) => current && setNow(figures), setError);
    return () => {
      current = false;
    };
  }, [edits]);
  const shown = changed ? now : whole;
  return (
    <div class="accuracy">
      <h2>{say("On the test images", "在测试图上")}</h2>
      <table class="figures">
        <thead>
          <tr>
            <td />
            <th scope="col">{say("accuracy", "准确率")}</th>
            <th scope="col">{say("loss", "损失")}</th>
          </tr>
        </thead>
        <tbody>
          <Row title={say("whole", "完整")} figures={whole} />
          {changed && <Row title={say("changed", "改动后")} figures={now} />}
        </tbody>
      </table>
      {shown && (
        <p>
          {say("Wrongly read", "认错的")}:{" "}
          {shown.wrong.slice(0, 10).map((image) => (
            <button type="button" class="small" key={image} onClick={() => onShow(image)}>
              {image}
            </button>
          ))}
          {shown.wrong.length > 10 && ` … ${shown.wrong.length}`}
        </p>
      )}
      {changed && (
        <p>
          {[
            ...edits.off,
            ...Object.entries(edits.swapped).map(([id, name]) => `${id} → ${name || say("nothing", "无")}`),
          ].join(", ")}{" "}
          <button type="button" onClick={onReset}>
            {say("Put everything back", "全部恢复")}
          </button>
        </p>
      )}
      {error !== undefined && <Failure error={error} />}
    </div>
  );
}

function Row({ title, figures }: { readonly title: string; readonly figures: Measured | undefined }) {
  return (
    <tr data-loss={figures?.loss} data-accuracy={figures?.accuracy}>
      <th scope="row">{title}</th>
      <td>{figures ? `${(100 * figures.accuracy).toFixed(1)} % (${figures.samples})` : "…"}</td>
      <td>{figures ? figures.loss.toFixed(4) : "…"}</td>
    </tr>
  );
}
