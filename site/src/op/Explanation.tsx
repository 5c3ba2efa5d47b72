import type { study } from "quarkgrad";
import { say } from "../frame/language.ts";
import { outputPort, type Point } from "./state.ts";
import { named, shown } from "./values.ts";

interface ExplanationProps {
  readonly worked: study.WorkedOut;
  readonly point: Point | undefined;
}

/** The arithmetic of the element pointed at, in words and numbers. */
export function Explanation({ worked, point }: ExplanationProps) {
  return (
    <div class="explanation" aria-live="polite">
      {point ? (
        point.port === outputPort ? (
          <OfOutput worked={worked} index={point.index} />
        ) : (
          <OfInput worked={worked} {...point} />
        )
      ) : (
        <p class="soft">{say("Point at an element.", "指向一个元素。")}</p>
      )}
    </div>
  );
}

function OfOutput({ worked, index }: { readonly worked: study.WorkedOut; readonly index: number }) {
  const { output, arithmetic, reads, inputs } = worked;
  const value = shown(output.data[index]!, 6);
  const right = arithmetic[index]!;
  const counts = Object.keys(inputs).map((port) => `${reads[port]![index]!.length} ${say("of", "个，来自")} ${port}`);
  return (
    <>
      <p class="arithmetic">
        {named("y", output.shape, index)} = {right}
        {right === value ? "" : ` = ${value}`}
      </p>
      <p class="soft">
        {say("It reads", "它读取")} {counts.join(say(", ", "；"))}.
      </p>
    </>
  );
}

function OfInput({ worked, port, index }: { readonly worked: study.WorkedOut } & Point) {
  const { inputs, symbols, reads, output, gradients, grad } = worked;
  const readers = reads[port]!.flatMap((list, at) => (list.includes(index) ? [at] : []));
  const name = named(symbols[port]!, inputs[port]!.shape, index);
  const gradient = gradients[port];
  return (
    <>
      <p class="arithmetic">
        {name} = {shown(inputs[port]!.data[index]!, 6)}{" "}
        {readers.length > 0
          ? `→ ${readers.map((at) => named("y", output.shape, at)).join(", ")}`
          : say("is read by no output", "没有任何输出读取它")}
      </p>
      {gradient && (
        <p class="arithmetic">
          d{name} = {termsOf(gradient, index, grad)} = {shown(gradient.backward[index]!, 6)}{" "}
          <span class="soft">
            ({say("difference quotient", "差商")} {shown(gradient.difference[index]!, 6)})
          </span>
        </p>
      )}
    </>
  );
}

/** `1·2 + 3·1`: what arrives at each output times how much that output moves with the input. */
function termsOf({ terms }: study.WorkedGradient, index: number, grad: Float64Array): string {
  const list = terms[index]!.map(({ output, slope }) => {
    const written = shown(slope, 6);
    return `${shown(grad[output]!, 6)}·${slope < 0 ? `(${written})` : written}`;
  });
  return list.length > 0 ? list.join(" + ") : "0";
}
