import { useEffect, useRef, useState } from "preact/hooks";
import type { study } from "quarkgrad";
import { Failure } from "../frame/Failure.tsx";
import { say } from "../frame/language.ts";
import { shown } from "../op/values.ts";
import { Pixels } from "../work/Pixels.tsx";
import { base } from "../work/remote.ts";
import type { Edits } from "./edits.ts";
import type { Ask } from "./SoraSection.tsx";

interface FilterPanelProps {
  readonly node: string;
  readonly index: number;
  readonly graph: study.ParticleGraph;
  readonly ask: Ask;
  readonly edits: Edits;
  readonly onEdit: (edits: Edits) => void;
  readonly onClose: () => void;
  readonly onShow: (image: number) => void;
}

interface Exciting {
  readonly image: number;
  readonly value: number;
  readonly pixels: Uint8Array;
}

/** One filter: its weights, the test images it answers most, what the network is without it. */
export function FilterPanel({ node, index, graph, ask, edits, onEdit, onClose, onShow }: FilterPanelProps) {
  const [exciting, setExciting] = useState<readonly Exciting[]>();
  const [without, setWithout] = useState<{ readonly accuracy: number; readonly loss: number }>();
  const [error, setError] = useState<unknown>();
  const heading = useRef<HTMLHeadingElement>(null);
  const name = `${node}/${index}`;
  const off = edits.off.includes(name);
  useEffect(() => {
    heading.current?.focus();
    ask("exciting", { base: base(), node, index }).then(setExciting, setError);
    ask("measure", { base: base(), edits: { off: [name], swapped: {} } }).then(setWithout, setError);
  }, []);
  const weight = graph.tensors.get(graph.node(node).inputs.weight!)!;
  const [, channels, rows, columns] = weight.shape as [number, number, number, number];
  const size = channels * rows * columns;
  const numbers = weight.data.slice(index * size, (index + 1) * size);
  return (
    <section class="bench" aria-label={name}>
      <div class="row">
        <h3 ref={heading} tabIndex={-1}>
          {node}, {say("filter", "滤波器")} {index}
        </h3>
        <button
          type="button"
          class="main"
          aria-pressed={off}
          onClick={() =>
            onEdit({ ...edits, off: off ? edits.off.filter((other) => other !== name) : [...edits.off, name] })
          }
        >
          {off ? say("Switch it on", "打开它") : say("Switch it off", "关掉它")}
        </button>
        <button type="button" onClick={onClose}>
          {say("Close", "关闭")}
        </button>
      </div>
      <p>
        {channels === 1
          ? say(
              "Its nine weights: where orange meets bright ink, the answer grows; where blue does, it falls.",
              "它的九个权重：橙色碰到亮笔迹时响应增大，蓝色碰到时减小。",
            )
          : say(
              `Its weights, for each of the ${channels} maps that it reads.`,
              `它的权重：所读的 ${channels} 张图各一块。`,
            )}
      </p>
      <div class="maps">
        {Array.from({ length: channels }, (_, channel) => (
          <Pixels
            key={channel}
            data={numbers.subarray(channel * rows * columns, (channel + 1) * rows * columns)}
            rows={rows}
            columns={columns}
            scale={channels === 1 ? 28 : 8}
            colors="signed"
          />
        ))}
        {channels === 1 && (
          <table class="figures" aria-label={say("weights", "权重")}>
            <tbody>
              {Array.from({ length: rows }, (_, row) => (
                <tr key={row}>
                  {Array.from(numbers.subarray(row * columns, (row + 1) * columns), (value, column) => (
                    <td key={column}>{shown(value, 3)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      <p>
        {without
          ? say(
              `Without it, the network reads ${(100 * without.accuracy).toFixed(1)} % of the test images rightly, with a loss of ${without.loss.toFixed(4)}.`,
              `没有它时，网络在测试图上的准确率为 ${(100 * without.accuracy).toFixed(1)} %，损失为 ${without.loss.toFixed(4)}。`,
            )
          : "…"}
      </p>
      <p>{say("The test images that excite it most:", "最能激发它的测试图：")}</p>
      <div class="maps">
        {exciting?.map(({ image, value, pixels }) => (
          <button type="button" class="map" key={image} onClick={() => onShow(image)}>
            <Pixels data={pixels} rows={28} columns={28} />
            <span class="hidden">{say("test image", "测试图")} </span>
            {image}: {shown(value, 3)}
          </button>
        ))}
      </div>
      {error !== undefined && <Failure error={error} />}
    </section>
  );
}
