import type { study } from "quarkgrad";
import { say } from "../frame/language.ts";
import { outputPort, type Point } from "./state.ts";
import { ValueGrid } from "./ValueGrid.tsx";

interface GradientsProps {
  readonly worked: study.WorkedOut;
  readonly point: Point | undefined;
  readonly pinned: Point | undefined;
  readonly onGrad: (grad: readonly number[]) => void;
  readonly onPoint: (point: Point | undefined) => void;
  readonly onPin: (point: Point) => void;
}

/** What arrives at the output, and what backward makes of it for each input, beside difference quotients. */
export function Gradients({ worked, point, pinned, onGrad, onPoint, onPin }: GradientsProps) {
  const { output, grad, gradients, inputs, symbols, reads } = worked;
  const ports = Object.entries(gradients);
  if (ports.length === 0) {
    return <p>{say("There is none: no gradient flows through this op.", "没有：梯度不会流过这个算子。")}</p>;
  }
  const onOutput = (index: number | undefined) =>
    onPoint(index === undefined ? undefined : { port: outputPort, index });
  return (
    <>
      <p>
        {say(
          "Suppose the final result changes by dy when y changes by 1. Then dx says by how much it changes when x does: for every output that x is part of, dy times how fast that output moves with x, all added up. Large: by the engine's backward. Small: x really moved a little up and down, and the definition asked.",
          "假设 y 变化 1 时最终结果变化 dy，那么 dx 就是 x 变化 1 时最终结果的变化：对每个用到 x 的输出，取 dy 乘以该输出随 x 变化的快慢，再全部相加。大字：引擎的反向传播；小字：真的把 x 上下挪动一点，再问定义。",
        )}
      </p>
      <div class="tensors">
        <div class="panel">
          <h3>
            {say("arrives", "传入")} <b>dy</b>
          </h3>
          <ValueGrid
            symbol="dy"
            shape={output.shape}
            data={grad}
            pinned={pinned?.port === outputPort ? pinned.index : undefined}
            marked={point && point.port !== outputPort ? readersOf(reads, point) : point ? [point.index] : []}
            onPoint={onOutput}
            onPin={(index) => onPin({ port: outputPort, index })}
            onChange={(index, value) => onGrad(Array.from(grad, (old, at) => (at === index ? value : old)))}
          />
        </div>
        {ports.map(([port, { backward, difference }]) => (
          <div class="panel" key={port} data-port={port}>
            <h3>
              {port} <b>d{symbols[port]}</b>
            </h3>
            <ValueGrid
              symbol={`d${symbols[port]}`}
              shape={inputs[port]!.shape}
              data={backward}
              below={difference}
              belowMeans={say("difference quotient", "差商")}
              pinned={pinned?.port === port ? pinned.index : undefined}
              marked={
                point?.port === port ? [point.index] : point?.port === outputPort ? reads[port]![point.index]! : []
              }
              onPoint={(index) => onPoint(index === undefined ? undefined : { port, index })}
              onPin={(index) => onPin({ port, index })}
            />
          </div>
        ))}
      </div>
    </>
  );
}

function readersOf(reads: study.WorkedOut["reads"], { port, index }: Point): number[] {
  return reads[port]!.flatMap((list, output) => (list.includes(index) ? [output] : []));
}
