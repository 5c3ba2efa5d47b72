import { useEffect, useRef, useState } from "preact/hooks";
import { Failure } from "../frame/Failure.tsx";
import { say } from "../frame/language.ts";
import { noteState, type Route } from "../frame/route.ts";
import { shown } from "../op/values.ts";
import { counts } from "../work/counts.ts";
import { base } from "../work/remote.ts";
import { Chart } from "./Chart.tsx";
import type { LayerFigures, StepFigures, Told, TrainOptions, Wish } from "./messages.ts";

type Settings = Omit<TrainOptions, "base" | "threads">;

const defaults: Settings = { seed: 0, rate: 0.001, batchSize: 64, images: counts.train, dropout: 0 };

interface Kept {
  readonly step: number;
  readonly sha256: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Trains Sora in a worker, to be watched, stopped and taken back. */
export function TrainSection({ route }: { readonly route: Route }) {
  const [settings, setSettings] = useState<Settings>(() => settingsOf(route.query));
  const { state, wish, begin, end } = useTraining();
  const { steps, layers, resting, threads, kept, error, running } = state;
  useEffect(() => {
    const changed = Object.entries(settings).filter(([key, value]) => value !== defaults[key as keyof Settings]);
    noteState({
      ...Object.fromEntries(Object.keys(defaults).map((key) => [key, undefined])),
      ...Object.fromEntries(changed.map(([key, value]) => [key, `${value}`])),
    });
  }, [settings]);
  const last = steps.at(-1);
  const tested = steps.findLast(({ test }) => test)?.test;
  const go = (step?: number) => {
    if (threads === undefined)
      begin({ ...settings, base: base(), threads: Math.min(4, navigator.hardwareConcurrency || 1) });
    wish({ kind: "goTo", ...(step !== undefined && { step }) });
  };
  const at = last?.step ?? 0;
  const set = (part: Partial<Settings>) => {
    setSettings((old) => ({ ...old, ...part }));
    if (part.rate !== undefined) wish({ kind: "rate", rate: part.rate });
  };
  const started = threads !== undefined;
  return (
    <>
      <h1>{say("Train", "训练")}</h1>
      <p class="lead">
        {say(
          "The same network, knowing nothing yet. Each step it reads a batch of digits, is told the labels, and moves all its 421,642 weights a little downhill. Here it happens in your browser.",
          "同一个网络，但还什么都不会。每一步它读一批数字，得知正确答案，然后把全部 421,642 个权重朝下坡方向挪动一点。一切都在你的浏览器里发生。",
        )}
      </p>
      <fieldset class="attributes">
        <legend>{say("Settings", "设置")}</legend>
        <Field
          label={say("learning rate", "学习率")}
          value={settings.rate}
          step={0.0005}
          min={0}
          set={(rate) => set({ rate })}
        />
        <Field
          label={say("images", "图像数")}
          value={settings.images}
          min={1}
          max={counts.train}
          disabled={started}
          set={(images) => set({ images })}
        />
        <Field
          label={say("batch", "批大小")}
          value={settings.batchSize}
          min={1}
          max={512}
          disabled={started}
          set={(batchSize) => set({ batchSize })}
        />
        <Field
          label={say("dropout", "丢弃率")}
          value={settings.dropout}
          step={0.1}
          min={0}
          max={0.9}
          disabled={started}
          set={(dropout) => set({ dropout })}
        />
        <Field
          label={say("seed", "种子")}
          value={settings.seed}
          min={0}
          disabled={started}
          set={(seed) => set({ seed })}
        />
      </fieldset>
      <p class="soft">
        {say(
          "To see it overfit, give it 100 images: it soon reads those without a fault and the test images no better. Then try dropout. The rate can be changed on the way.",
          "想看过拟合？只给它 100 张图：它很快就能全部答对，测试图却不见起色。再试试丢弃率。学习率可以中途改变。",
        )}
      </p>
      <div class="steps">
        <button
          type="button"
          class="main"
          aria-pressed={running}
          onClick={() => go(running ? undefined : Number.MAX_SAFE_INTEGER)}
        >
          {running ? say("Pause", "暂停") : say("Train", "训练")}
        </button>
        <button type="button" disabled={running} onClick={() => go(at + 1)}>
          {say("One step", "一步")}
        </button>
        <button type="button" disabled={running} onClick={() => go(at + 10)}>
          {say("Ten steps", "十步")}
        </button>
        <button type="button" disabled={!started} onClick={end}>
          {say("Start anew", "重新开始")}
        </button>
        <button type="button" disabled={!started || running} onClick={() => wish({ kind: "save" })}>
          {say("Keep these weights", "保存权重")}
        </button>
        <label class="file">
          {say("Load weights", "载入权重")}{" "}
          <input
            type="file"
            accept=".safetensors"
            disabled={!started || running}
            onChange={async ({ currentTarget: { files } }) => {
              if (files?.[0]) wish({ kind: "load", bytes: new Uint8Array(await files[0].arrayBuffer()) });
            }}
          />
        </label>
      </div>
      {error !== undefined && <Failure error={error} />}
      <div aria-live="polite">
        <p data-step={resting?.step}>
          {say("Step", "步")} {at}
          {last &&
            `, ${say("epoch", "轮")} ${last.epoch}: ${say("loss", "损失")} ${shown(last.loss)}, ${say("of this batch right", "本批答对")} ${(100 * last.accuracy).toFixed(0)} %, ${last.milliseconds.toFixed(0)} ms`}
          {tested && `; ${say("test images right", "测试图答对")} ${(100 * tested.accuracy).toFixed(1)} %`}
          {threads !== undefined &&
            `; ${threads.threads} ${say(threads.threads === 1 ? "thread" : "threads", "个线程")}`}
        </p>
        {resting && (
          <p>
            SHA-256 {say("of the weights after step", "，第")} {resting.step}
            {say(": ", " 步后的权重：")}
            <code class="hash">{resting.sha256}</code>
          </p>
        )}
      </div>
      <div class="charts">
        <Chart
          title={say("Loss", "损失")}
          lines={[say("batch", "训练批"), say("test", "测试")]}
          rows={[
            steps.map(({ step }) => step),
            steps.map(({ loss }) => loss),
            steps.map(({ test }) => test?.loss ?? null),
          ]}
        />
        <Chart
          title={say("Accuracy", "准确率")}
          lines={[say("batch", "训练批"), say("test", "测试")]}
          rows={[
            steps.map(({ step }) => step),
            steps.map(({ accuracy }) => accuracy),
            steps.map(({ test }) => test?.accuracy ?? null),
          ]}
        />
      </div>
      {layers && <LayerTable layers={layers} />}
      {kept.length > 0 && (
        <>
          <h2>{say("Kept weights", "已保存的权重")}</h2>
          <p class="soft">
            {say(
              "Files in the safetensors format, which Python reads as well: quarkgrad eval FILE, or loadModel in Node, finds the same hash. Going back takes the weights; Adam keeps its moments.",
              "safetensors 格式，Python 也能读：在 Node 中用 quarkgrad eval FILE 或 loadModel 打开，会得到同样的哈希。回到此处只恢复权重；Adam 的动量保持不变。",
            )}
          </p>
          <ul>
            {kept.map((one) => (
              <li key={one.step}>
                {say("step", "步")} {one.step}{" "}
                <button type="button" disabled={running} onClick={() => wish({ kind: "load", bytes: one.bytes })}>
                  {say("Go back to it", "回到此处")}
                </button>{" "}
                <Download kept={one} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

interface State {
  readonly steps: readonly StepFigures[];
  readonly layers?: readonly LayerFigures[] | undefined;
  readonly resting?: { readonly step: number; readonly sha256: string } | undefined;
  readonly threads?: { readonly threads: number; readonly reason: string } | undefined;
  readonly kept: readonly Kept[];
  readonly error?: string | undefined;
  readonly running: boolean;
}

const empty: State = { steps: [], kept: [], running: false };

/** The worker that trains, and what it has told. Steps are shown a few times a second, however fast they come. */
function useTraining() {
  const [state, setState] = useState<State>(empty);
  const worker = useRef<Worker | undefined>(undefined);
  const told = useRef<Told[]>([]);
  useEffect(() => {
    const look = () => {
      if (told.current.length === 0) return;
      const news = told.current;
      told.current = [];
      setState((old) => news.reduce(after, old));
    };
    const timer = setInterval(look, 150);
    return () => {
      clearInterval(timer);
      worker.current?.terminate();
    };
  }, []);
  const wish = (one: Wish) => {
    if (one.kind === "goTo")
      setState((old) => ({ ...old, running: one.step !== undefined, resting: undefined, error: undefined }));
    worker.current?.postMessage(one);
  };
  const begin = (options: TrainOptions) => {
    worker.current = new Worker(new URL("./train.worker.ts", import.meta.url), { type: "module" });
    worker.current.addEventListener("message", ({ data }: MessageEvent<Told>) => told.current.push(data));
    worker.current.addEventListener("error", ({ message }) => told.current.push({ kind: "failed", message }));
    worker.current.postMessage({ kind: "train", options } satisfies Wish);
    setState((old) => ({ ...old, threads: { threads: 1, reason: "" } }));
  };
  const end = () => {
    worker.current?.terminate();
    worker.current = undefined;
    told.current = [];
    setState(({ kept }) => ({ ...empty, kept }));
  };
  return { state, wish, begin, end };
}

function after(state: State, told: Told): State {
  switch (told.kind) {
    case "ready":
      return { ...state, threads: told };
    case "step":
      return { ...state, steps: [...state.steps, told], layers: told.layers ?? state.layers };
    case "resting":
      return { ...state, running: false, resting: told };
    case "weights":
      return { ...state, kept: [...state.kept.filter(({ step }) => step !== told.step), told] };
    case "failed":
      return { ...state, running: false, error: told.message };
  }
}

function LayerTable({ layers }: { readonly layers: readonly LayerFigures[] }) {
  return (
    <>
      <h2>{say("Weights and gradients", "权重与梯度")}</h2>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">{say("parameter", "参数")}</th>
            <th scope="col">{say("size of the weights", "权重的范数")}</th>
            <th scope="col">{say("size of the gradient", "梯度的范数")}</th>
          </tr>
        </thead>
        <tbody>
          {layers.map(({ name, weights, gradient }) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>{shown(weights)}</td>
              <td>{shown(gradient, 3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Download({ kept: { step, bytes } }: { readonly kept: Kept }) {
  const [address] = useState(() => URL.createObjectURL(new Blob([bytes])));
  useEffect(() => () => URL.revokeObjectURL(address), []);
  return (
    <a href={address} download={`sora-${step}.safetensors`}>
      sora-{step}.safetensors
    </a>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: number;
  readonly step?: number;
  readonly min: number;
  readonly max?: number;
  readonly disabled?: boolean;
  readonly set: (value: number) => void;
}

function Field({ label, value, step = 1, min, max, disabled = false, set }: FieldProps) {
  return (
    <label>
      {label}{" "}
      <input
        type="number"
        value={value}
        step={step}
        min={min}
        max={max}
        disabled={disabled}
        onInput={({ currentTarget: { valueAsNumber: next } }) => {
          const fits = next >= min && next <= (max ?? Number.POSITIVE_INFINITY);
          if (fits && (step !== 1 || Number.isInteger(next))) set(next);
        }}
      />
    </label>
  );
}

function settingsOf(query: URLSearchParams): Settings {
  const given = Object.entries(defaults).map(([key, value]) => {
    const number = Number(query.get(key) ?? value);
    return [key, Number.isFinite(number) && number >= 0 ? number : value];
  });
  return Object.fromEntries(given) as unknown as Settings;
}
