import { useEffect, useMemo, useState } from "preact/hooks";
import { type data, noGrad, type Sora, scope, softmax, study, tensor, zeros } from "quarkgrad";
import { Failure } from "../frame/Failure.tsx";
import { say } from "../frame/language.ts";
import { linkTo, noteState, type Route } from "../frame/route.ts";
import { digits, trainedSora } from "../work/data.ts";
import { base, remote } from "../work/remote.ts";
import { Attribution } from "./Attribution.tsx";
import { centred, DrawPad } from "./DrawPad.tsx";
import { type Edits, edited, editsOf, none, queryOfEdits } from "./edits.ts";
import { Figures } from "./Figures.tsx";
import { FilterPanel } from "./FilterPanel.tsx";
import { type Layer, Layers } from "./Layers.tsx";
import type { SoraFunctions } from "./sora.worker.ts";

interface Loaded {
  readonly model: Sora;
  readonly sha256: string;
  readonly graph: study.ParticleGraph;
  readonly test: data.ImageDataset;
}

export type Ask = ReturnType<typeof remote<SoraFunctions>>;

const blank = new Float32Array(784);

/** The trained network, with everything in it to be seen and switched. */
export function SoraSection({ route }: { readonly route: Route }) {
  const [loaded, setLoaded] = useState<Loaded>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    load().then(setLoaded, setError);
  }, []);
  if (error) return <Failure error={error} />;
  return (
    <>
      <h1>Sora</h1>
      <p class="lead">
        {say(
          "A small network that has learnt to read digits. Draw one, watch every layer work on it, switch parts off, and see what becomes of the answer.",
          "一个学会了认数字的小网络。写一个数字，看每一层如何处理它；关掉其中一部分，再看答案怎么变。",
        )}
      </p>
      {loaded ? (
        <Lab {...loaded} query={route.query} />
      ) : (
        <p class="soft">{say("Loading the weights…", "正在加载权重…")}</p>
      )}
    </>
  );
}

async function load(): Promise<Loaded> {
  const [{ model, sha256 }, test] = await Promise.all([trainedSora(base()), digits(base(), "test")]);
  return { model, sha256, test, graph: study.decompose(model, zeros([1, 1, 28, 28])) };
}

function Lab({ sha256, graph, test, query }: Loaded & { readonly query: URLSearchParams }) {
  const [picked, pick] = useState<number | undefined>(Math.min(Number(query.get("image") ?? 0) || 0, test.length - 1));
  const [pixels, setPixels] = useState<Float32Array>(() => imageOf(test, picked ?? 0));
  const [edits, setEdits] = useState<Edits>(() => editsOf(query));
  const [filter, setFilter] = useState<{ readonly node: string; readonly index: number }>();
  const ask = useWorker();
  const { layers, scores, problem } = useMemo(() => seen(graph, edits, pixels), [graph, edits, pixels]);
  useEffect(() => {
    noteState({ ...queryOfEdits(edits), image: picked === undefined ? undefined : `${picked}` });
  }, [edits, picked]);
  const show = (index: number) => {
    pick(index);
    setPixels(imageOf(test, index));
  };
  const best = scores.indexOf(Math.max(...scores));
  const step = (by: number) => show(((picked ?? 0) + by + test.length) % test.length);
  return (
    <>
      <div class="reader">
        <div>
          <DrawPad
            pixels={pixels}
            onChange={(next) => {
              pick(undefined);
              setPixels(next);
            }}
          />
          <div class="steps">
            <button
              type="button"
              onClick={() => {
                pick(undefined);
                setPixels(blank);
              }}
            >
              {say("Clear", "清除")}
            </button>
            <button type="button" onClick={() => setPixels(centred(pixels))}>
              {say("Centre", "居中")}
            </button>
          </div>
          <div class="steps">
            <button type="button" onClick={() => step(-1)} aria-label={say("Test image before", "上一张测试图")}>
              ◀
            </button>
            <label>
              {say("test image", "测试图")}{" "}
              <input
                type="number"
                min={0}
                max={test.length - 1}
                value={picked ?? ""}
                onInput={(event) => {
                  const index = event.currentTarget.valueAsNumber;
                  if (Number.isInteger(index) && index >= 0 && index < test.length) show(index);
                }}
              />
            </label>
            <button type="button" onClick={() => step(1)} aria-label={say("Test image after", "下一张测试图")}>
              ▶
            </button>
          </div>
          <p class="soft">
            {picked === undefined
              ? say(
                  "Your drawing. Digits are read best when they fill the middle.",
                  "你写的数字。写在中间、写大一些更容易认。",
                )
              : `${say("Label", "标签")}: ${test.labels[picked]}`}
          </p>
        </div>
        <Scores scores={scores} best={best} label={picked === undefined ? undefined : test.labels[picked]} />
        <Figures ask={ask} edits={edits} onReset={() => setEdits(none)} onShow={show} />
      </div>
      {problem !== undefined && <Failure error={problem} />}
      <h2>{say("Inside", "内部")}</h2>
      <p>
        {say(
          "From top to bottom, what each particle gives for the digit above. Press a filter's map to see its weights and to switch it off. Blue is below zero, white is zero, orange above.",
          "从上到下，是每个粒子对上面这个数字的输出。点一个滤波器的图，可以看它的权重，也可以把它关掉。蓝色为负，白色为零，橙色为正。",
        )}
      </p>
      {filter && (
        <FilterPanel
          key={`${filter.node}/${filter.index}`}
          {...filter}
          graph={graph}
          ask={ask}
          edits={edits}
          onEdit={setEdits}
          onClose={() => setFilter(undefined)}
          onShow={show}
        />
      )}
      <Layers layers={layers} edits={edits} onEdit={setEdits} onFilter={(node, index) => setFilter({ node, index })} />
      <h2>{say("Why this answer?", "为什么是这个答案？")}</h2>
      <Attribution ask={ask} pixels={pixels} best={best} />
      <h2>{say("The weights", "权重")}</h2>
      <p>
        {say("421,642 numbers, trained with this library for four epochs; ", "421,642 个数，用本库训练了四轮；")}
        {say("SHA-256 of them", "其 SHA-256")}: <code class="hash">{sha256}</code>
      </p>
      <p>
        <a href={linkTo("op")}>{say("See each particle by itself", "逐个查看每种粒子")}</a>
      </p>
    </>
  );
}

function imageOf(test: data.ImageDataset, index: number): Float32Array {
  return Float32Array.from(test.images.subarray(784 * index, 784 * (index + 1)), (byte) => byte / 255);
}

/** Every value on the way, and the ten chances at its end. */
function seen(graph: study.ParticleGraph, edits: Edits, pixels: Float32Array) {
  try {
    return scope(() =>
      noGrad(() => {
        const layers: Layer[] = [];
        const changed = edited(graph, edits);
        const output = changed.run(tensor(pixels, { shape: [1, 1, 28, 28] }), (node, value) => {
          if (!node.particle.shares)
            layers.push({ node, shape: value.shape.slice(1), data: Float32Array.from(value.data) });
        });
        const scores = softmax(output as Parameters<typeof softmax>[0], 1).data;
        return { layers, scores: Array.from(scores), problem: undefined };
      }),
    );
  } catch (problem) {
    return { layers: [], scores: new Array<number>(10).fill(0), problem };
  }
}

/** The worker of this section, which ends with it. */
function useWorker(): Ask {
  const { worker, ask } = useMemo(() => {
    const own = new Worker(new URL("./sora.worker.ts", import.meta.url), { type: "module" });
    return { worker: own, ask: remote<SoraFunctions>(own) };
  }, []);
  useEffect(() => () => worker.terminate(), []);
  return ask;
}

interface ScoresProps {
  readonly scores: readonly number[];
  readonly best: number;
  readonly label: number | undefined;
}

function Scores({ scores, best, label }: ScoresProps) {
  return (
    <div class="scores">
      <h2>
        {say("It reads", "它认作")} <output data-best={best}>{best}</output>
        {label !== undefined && label !== best && <small class="bad"> {say("wrongly", "认错了")}</small>}
      </h2>
      <ol start={0}>
        {scores.map((score, digit) => (
          <li key={digit} class={digit === best ? "best" : ""}>
            <b>{digit}</b>
            <span class="bar">
              <i style={{ width: `${100 * score}%` }} />
            </span>
            <span>{(100 * score).toFixed(1)} %</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
