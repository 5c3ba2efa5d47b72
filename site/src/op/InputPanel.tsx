import type { DType } from "quarkgrad";
import { say } from "../frame/language.ts";
import { ValueGrid } from "./ValueGrid.tsx";
import { type Filling, filled, type Numbers, resized, sizeOf } from "./values.ts";

interface InputPanelProps {
  readonly port: string;
  readonly symbol: string;
  readonly numbers: Numbers;
  readonly dtype: DType;
  readonly pinned: number | undefined;
  readonly marked: readonly number[];
  /** How many elements it may have. */
  readonly most: number;
  readonly onChange: (numbers: Numbers) => void;
  readonly onPoint: (index: number | undefined) => void;
  readonly onPin: (index: number) => void;
}

/** One input: its numbers, its size, and what to fill it with. */
export function InputPanel({ port, symbol, numbers, dtype, most, onChange, ...rest }: InputPanelProps) {
  const { shape, data } = numbers;
  const fillings: readonly (readonly [Filling, string])[] = [
    ["noise", say("noise", "噪声")],
    ["zeros", "0"],
    ["ones", "1"],
    ["count", "1 2 3"],
    ["picture", say("picture", "图片")],
  ];
  return (
    <div class="panel">
      <h3>
        {port} {symbol !== port && <b>{symbol}</b>} {dtype !== "float32" && <small>{dtype}</small>}
      </h3>
      <ValueGrid
        {...rest}
        symbol={symbol}
        shape={shape}
        data={data}
        whole={dtype !== "float32"}
        onChange={(index, value) => onChange({ shape, data: data.map((old, at) => (at === index ? value : old)) })}
      />
      <div class="tools">
        {shape.length > 0 && (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a frame around four numbers
          <span role="group" aria-label={`${port}: ${say("size of each axis", "各轴长度")}`} class="sizes">
            {say("size", "大小")}
            {shape.map((size, axis) => (
              <input
                key={axis}
                type="number"
                min={1}
                max={most}
                value={size}
                aria-label={`${port}: ${say("axis", "轴")} ${axis}`}
                onInput={(event) => {
                  const next = event.currentTarget.valueAsNumber;
                  const wanted = shape.map((old, at) => (at === axis ? next : old));
                  if (Number.isInteger(next) && next >= 1 && sizeOf(wanted) <= most) onChange(resized(numbers, wanted));
                }}
              />
            ))}
          </span>
        )}
        <select
          aria-label={`${port}: ${say("fill with", "填充")}`}
          value=""
          onChange={(event) => {
            onChange(filled(numbers, dtype, event.currentTarget.value as Filling));
            event.currentTarget.value = "";
          }}
        >
          <option value="" disabled>
            {say("fill with…", "填充…")}
          </option>
          {fillings.map(([filling, label]) => (
            <option key={filling} value={filling}>
              {label}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}
