/** Prints numbers as PyTorch prints a tensor (its defaults: 4 digits, 3 edge items beyond 1,000 elements, 80 columns). */
import type { DType } from "./dtype.ts";
import { type Shape, sizeOf, stridesOf } from "./shape.ts";

const precision = 4;
const threshold = 1000;
const edgeItems = 3;
const lineWidth = 80;
const prefix = "tensor(";
/** What stands for the numbers left out; PyTorch sets it off by a further space. */
const gap = " ...";

/** `gradient` is the particle that made it, `true` for a leaf that requires a gradient, else false. */
export function format(data: ArrayLike<number>, shape: Shape, dtype: DType, gradient: string | boolean): string {
  const summarize = sizeOf(shape) > threshold;
  const show = numberFormat(data, shape, dtype, summarize);
  const body = sizeOf(shape) === 0 ? "[]" : nested(data, shape, stridesOf(shape), 0, 0, show, summarize);
  const suffixes: string[] = [];
  if (sizeOf(shape) === 0 && shape.length !== 1) suffixes.push(`size=(${shape.join(", ")})`);
  if (dtype !== "float32") suffixes.push(`dtype=${dtype}`);
  if (gradient) suffixes.push(gradient === true ? "requiresGrad=true" : `gradFn=<${gradient}>`);
  return `${prefix}${withSuffixes(body, suffixes)})`;
}

function withSuffixes(body: string, suffixes: readonly string[]): string {
  let text = body;
  let column = prefix.length + body.length;
  if (body.includes("\n")) column = body.length - body.lastIndexOf("\n") - 1;
  column += 2; // PyTorch counts so
  for (const suffix of suffixes) {
    if (column + suffix.length + 2 > lineWidth) {
      text += `,\n${" ".repeat(prefix.length)}${suffix}`;
      column = prefix.length + suffix.length;
    } else {
      text += `, ${suffix}`;
      column += suffix.length + 2;
    }
  }
  return text;
}

function nested(
  data: ArrayLike<number>,
  shape: Shape,
  strides: readonly number[],
  axis: number,
  offset: number,
  show: (value: number) => string,
  summarize: boolean,
): string {
  if (axis === shape.length) return show(data[offset]!);
  const length = shape[axis]!;
  const indent = prefix.length + axis + 1;
  const whole = !summarize || length <= 2 * edgeItems;
  const indices = Array.from({ length }, (_, index) => index);
  const shown = whole ? indices : [...indices.slice(0, edgeItems), -1, ...indices.slice(length - edgeItems)];
  const inner = shown.map((index) =>
    index < 0 ? gap : nested(data, shape, strides, axis + 1, offset + index * strides[axis]!, show, summarize),
  );
  if (axis < shape.length - 1) {
    const between = `,${"\n".repeat(shape.length - 1 - axis)}${" ".repeat(indent)}`;
    return `[${inner.map((text) => (text === gap ? "..." : text)).join(between)}]`;
  }
  const width = Math.max(0, ...inner.filter((text) => text !== gap).map((text) => text.length)) + 2;
  const perLine = Math.max(1, Math.floor((lineWidth - indent + 1) / width));
  const lines: string[] = [];
  for (let at = 0; at < inner.length; at += perLine) lines.push(inner.slice(at, at + perLine).join(", "));
  return `[${lines.join(`,\n${" ".repeat(indent)}`)}]`;
}

/** One way to write all the numbers that are shown: padded to the same width. */
function numberFormat(
  data: ArrayLike<number>,
  shape: Shape,
  dtype: DType,
  summarize: boolean,
): (value: number) => string {
  const values = shownValues(data, shape, summarize);
  const write = dtype === "float32" ? floatFormat(values) : (value: number) => String(value);
  // As in PyTorch, zeros and what is not finite have no say in the width of floats.
  const wide = dtype === "float32" ? values.filter((value) => Number.isFinite(value) && value !== 0) : values;
  const width = Math.max(0, ...wide.map((value) => write(value).length));
  return (value) => (shape.length === 0 ? write(value) : write(value).padStart(width));
}

function floatFormat(values: readonly number[]): (value: number) => string {
  const magnitudes = values.filter((value) => Number.isFinite(value) && value !== 0).map(Math.abs);
  const special = (value: number) => (Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf");
  const write =
    magnitudes.length === 0 ? integerText : finiteFormat(values, Math.max(...magnitudes), Math.min(...magnitudes));
  return (value) => (Number.isFinite(value) ? write(value) : special(value));
}

function finiteFormat(values: readonly number[], max: number, min: number): (value: number) => string {
  const integers = values.every((value) => !Number.isFinite(value) || Number.isInteger(value));
  if (max / min > 1000 || max > 1e8 || (!integers && min < 1e-4)) return scientificText;
  return integers ? integerText : (value) => fixedText(value);
}

function integerText(value: number): string {
  return `${Object.is(value, -0) ? "-0" : value.toFixed(0)}.`;
}

function fixedText(value: number): string {
  const text = value.toFixed(precision);
  return Object.is(value, -0) ? `-${text}` : text;
}

function scientificText(value: number): string {
  const [mantissa, exponent] = value.toExponential(precision).split("e") as [string, string];
  const digits = exponent.slice(1).padStart(2, "0");
  return `${mantissa}e${exponent[0]}${digits}`;
}

function shownValues(data: ArrayLike<number>, shape: Shape, summarize: boolean): number[] {
  if (!summarize) return Array.from(data);
  const strides = stridesOf(shape);
  let offsets = [0];
  shape.forEach((length, axis) => {
    const indices = Array.from({ length }, (_, index) => index).filter(
      (index) => length <= 2 * edgeItems || index < edgeItems || index >= length - edgeItems,
    );
    offsets = offsets.flatMap((offset) => indices.map((index) => offset + index * strides[axis]!));
  });
  return offsets.map((offset) => data[offset]!);
}
