import { useEffect, useMemo, useState } from "preact/hooks";
import { study } from "quarkgrad";
import { Failure } from "../frame/Failure.tsx";
import { say } from "../frame/language.ts";
import { linkTo, noteState } from "../frame/route.ts";
import { AttributeControls } from "./AttributeControls.tsx";
import { Explanation } from "./Explanation.tsx";
import { Formula } from "./Formula.tsx";
import { Gradients } from "./Gradients.tsx";
import { InputPanel } from "./InputPanel.tsx";
import { OpText } from "./OpText.tsx";
import type { Particle } from "./particles.ts";
import { Source } from "./Source.tsx";
import { Steps } from "./Steps.tsx";
import { exampleState, type OpState, outputPort, type Point, pointOf, queryOf, stateOf } from "./state.ts";
import { ValueGrid } from "./ValueGrid.tsx";
import { type Numbers, nested, shown } from "./values.ts";
import { headingOf, summaryOf } from "./words.ts";

/** So many elements are still found out about between two frames. */
const most = 144;

interface OpPageProps {
  readonly particle: Particle;
  readonly query: URLSearchParams;
}

/** The page of any particle, made from its declaration alone. */
export function OpPage({ particle, query }: OpPageProps) {
  const { name, summary = "", formula } = particle;
  const [state, setState] = useState<OpState>(() => stateOf(particle, query));
  const [pinned, setPinned] = useState<Point | undefined>(() => pointOf(query) ?? { port: outputPort, index: 0 });
  const [pointed, setPointed] = useState<Point>();
  const { worked, error } = useWorkedOut(particle, state);
  useEffect(() => {
    noteState({ ...queryOf(particle, state), at: pinned && `${pinned.port}:${pinned.index}` });
  }, [state, pinned]);
  const change = (part: Partial<OpState>) => setState((old) => ({ ...old, ...part }));
  const setInput = (port: string, numbers: Numbers) =>
    setState((old) => ({ ...old, inputs: { ...old.inputs, [port]: numbers }, grad: undefined }));
  const point = existing(pointed, worked) ?? existing(pinned, worked);
  const pinnedAt = (port: string) => (pinned?.port === port ? pinned.index : undefined);
  const pointAt = (port: string) => (index: number | undefined) =>
    setPointed(index === undefined ? undefined : { port, index });
  return (
    <article class="op">
      <p class="crumbs">
        <a href={linkTo("op")}>{say("Particles", "算子")}</a>
      </p>
      <h1>
        <code>{name}</code>
      </h1>
      <p class="lead">{summaryOf(name, summary)}</p>
      <Formula text={formula} />
      <section aria-label={say("Numbers", "数字")} class="bench">
        <div class="row">
          <h2>{say("Try it", "动手试试")}</h2>
          <button
            type="button"
            onClick={() => {
              setState(exampleState(particle));
              setPinned({ port: outputPort, index: 0 });
            }}
          >
            {say("Back to the example", "恢复示例")}
          </button>
        </div>
        <p class="soft hint">
          {say(
            "Type into a number, or drag it up and down. Point at an element of the output to see what it is made of; point at an element of an input to see which outputs use it.",
            "直接输入数字，或按住上下拖动。指向输出的某个元素，看它由什么组成；指向输入的某个元素，看哪些输出用到了它。",
          )}
        </p>
        <AttributeControls
          attributes={state.attributes}
          onChange={(key, value) => change({ attributes: { ...state.attributes, [key]: value }, grad: undefined })}
        />
        <div class="tensors">
          {Object.entries(state.inputs).map(([port, numbers]) => (
            <InputPanel
              key={port}
              port={port}
              symbol={worked?.symbols[port] ?? port}
              numbers={numbers}
              dtype={worked?.inputs[port]?.dtype ?? "float32"}
              pinned={pinnedAt(port)}
              marked={marksOn(port, point, worked)}
              most={most}
              onChange={(next) => setInput(port, next)}
              onPoint={pointAt(port)}
              onPin={(index) => setPinned({ port, index })}
            />
          ))}
          <div class="panel output" data-busy={error !== undefined}>
            <h3>
              {say("output", "输出")} <b>y</b> <small>[{worked?.output.shape.join(", ")}]</small>
            </h3>
            {worked && (
              <>
                <ValueGrid
                  symbol="y"
                  shape={worked.output.shape}
                  data={worked.output.data}
                  pinned={pinnedAt(outputPort)}
                  marked={marksOn(outputPort, point, worked)}
                  onPoint={pointAt(outputPort)}
                  onPin={(index) => setPinned({ port: outputPort, index })}
                />
                <Agreement worked={worked} />
              </>
            )}
          </div>
        </div>
        {error !== undefined && <Failure error={error} />}
        {worked && (
          <>
            <Steps
              count={worked.output.data.length}
              at={point?.port === outputPort ? point.index : undefined}
              onStep={(index) => setPinned({ port: outputPort, index })}
            />
            <Explanation worked={worked} point={point} />
          </>
        )}
      </section>
      {worked && (
        <section aria-label={say("Gradient", "梯度")}>
          <h2>{say("The gradient", "梯度")}</h2>
          <Gradients
            worked={worked}
            point={point}
            onGrad={(grad) => change({ grad })}
            onPoint={setPointed}
            onPin={setPinned}
            pinned={pinned}
          />
        </section>
      )}
      <OpText name={name} titles={/^(Shapes|Gradient)/} />
      <section aria-label={say("Sources", "源码")}>
        <h2>{say("The code", "代码")}</h2>
        <Source name={name} />
      </section>
      <OpText name={name} titles={/^(How|Edge|Ties|Conventions)/} />
      {worked && (
        <section aria-label={headingOf("Cost")}>
          <h2>{headingOf("Cost")}</h2>
          <p>
            {say("For the numbers above: ", "对上面的数字：")}
            {worked.cost.flops} {say("floating-point operations", "次浮点运算")}, {worked.cost.bytes}{" "}
            {say("bytes read and written", "字节读写")}. {say("Operations a byte: ", "每字节运算数：")}
            {shown(worked.cost.flops / worked.cost.bytes, 2)}.
          </p>
        </section>
      )}
      <OpText name={name} titles={/^Cost/} bare />
    </article>
  );
}

/** The numbers worked out; where they cannot be, why, and what was worked out last. */
function useWorkedOut(particle: Particle, state: OpState) {
  const [last, setLast] = useState<study.WorkedOut>();
  const result = useMemo(() => {
    const { inputs, attributes, grad } = state;
    try {
      return {
        worked: study.workOut(particle, {
          inputs: Object.fromEntries(Object.entries(inputs).map(([port, numbers]) => [port, nested(numbers)])),
          attributes,
          ...(grad && { grad }),
          most,
        }),
      };
    } catch (error) {
      return { error };
    }
  }, [state]);
  useEffect(() => {
    if (result.worked) setLast(result.worked);
  }, [result]);
  return { worked: result.worked ?? last, error: result.error };
}

function existing(point: Point | undefined, worked: study.WorkedOut | undefined): Point | undefined {
  if (!point || !worked) return undefined;
  const values = point.port === outputPort ? worked.output : worked.inputs[point.port];
  return values && point.index < values.data.length ? point : undefined;
}

/** The elements of a port, or of the output, that belong to the one pointed at. */
function marksOn(port: string, point: Point | undefined, worked: study.WorkedOut | undefined): readonly number[] {
  if (!point || !worked) return [];
  if (point.port === port) return [point.index];
  if (point.port === outputPort) return worked.reads[port]?.[point.index] ?? [];
  if (port !== outputPort) return [];
  return worked.reads[point.port]!.flatMap((list, output) => (list.includes(point.index) ? [output] : []));
}

/** Whether the kernel gives what the definition gives. */
function Agreement({ worked: { output, defined } }: { readonly worked: study.WorkedOut }) {
  const farthest = output.data.reduce((worst, value, index) => {
    const distance = Object.is(value, defined[index]) ? 0 : Math.abs(value - defined[index]!);
    return Number.isNaN(distance) ? worst : Math.max(worst, distance);
  }, 0);
  return (
    <p class="soft agreement" data-distance={farthest}>
      {farthest === 0
        ? say("By the kernel; exactly what the definition gives.", "由内核算出，与定义完全一致。")
        : say(
            `By the kernel in float32; at most ${shown(farthest, 2)} from the definition in float64.`,
            `由内核以 float32 算出，与 float64 定义最多相差 ${shown(farthest, 2)}。`,
          )}
    </p>
  );
}
