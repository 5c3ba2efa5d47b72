/** The arithmetic behind each element of an output, found out by asking the particle's definition. */
import { definedInOne } from "../../core/defined.ts";
import { type AnyParticle, symbolOf } from "../../core/particle.ts";
import { type Shape, sizeOf, stridesOf } from "../../core/shape.ts";
import { number, written } from "../../core/written.ts";
import { type Inputs, moved } from "../numbers/gradcheck.ts";
import { folded } from "./pageText.ts";

/** A product of elements of the inputs and a constant. */
interface Term {
  readonly factor: number;
  readonly elements: readonly Element[];
}

interface Element {
  readonly port: string;
  readonly index: number;
}

/** One line for each element of the output: `y[0,0] = 1·1 + 2·0 = 1`. */
export function arithmeticLines(rights: readonly string[], output: Pick<Inputs[string], "shape" | "data">): string[] {
  return Array.from(output.data, (value, index) => {
    const shown = number(value);
    const equals = rights[index] === shown ? "" : ` = ${shown}`;
    // The result stays with its "=".
    const line = `${named("y", output.shape, index)} = ${rights[index]}${equals.replace("= ", "=\u00a0")}`;
    return folded(line, "    ").replaceAll("\u00a0", " ");
  });
}

/** What each element of the output is, with the numbers put in: `1·1 + 2·0`. */
export function rightSides(
  particle: AnyParticle,
  inputs: Inputs,
  attributes: unknown,
  { shape }: { readonly shape: Shape },
): readonly string[] {
  return (
    particle.arithmetic?.(inputs, attributes) ??
    elements(particle, inputs, attributes, shape) ??
    sums(particle, inputs, attributes) ??
    calls(particle, inputs, attributes)
  );
}

/** `x[0, 1]`, or `x` for a scalar. */
export function named(symbol: string, shape: Shape, index: number): string {
  if (shape.length === 0) return symbol;
  const strides = stridesOf(shape);
  return `${symbol}[${shape.map((size, axis) => Math.floor(index / strides[axis]!) % size).join(",")}]`;
}

/** An element-wise op with the numbers put in. */
function elements(particle: AnyParticle, inputs: Inputs, attributes: unknown, shape: Shape): string[] | undefined {
  if (!particle.element || Object.values(inputs).some((values) => !broadcasts(values.shape, shape))) return undefined;
  const constants = Object.entries(attributes ?? {}).filter(([, value]) => typeof value === "number");
  const fixed = Object.fromEntries(constants.map(([key, value]) => [symbolOf(particle, key), number(value as number)]));
  return Array.from({ length: sizeOf(shape) }, (_, index) => {
    const at: Record<string, string> = { ...fixed };
    for (const [port, own] of Object.entries(inputs)) {
      at[symbolOf(particle, port)] = number(own.data[placeIn(own.shape, shape, index)]!);
    }
    return particle.element!(at);
  });
}

function broadcasts(own: Shape, shape: Shape): boolean {
  const offset = shape.length - own.length;
  return offset >= 0 && own.every((size, axis) => size === 1 || size === shape[offset + axis]);
}

function placeIn(own: Shape, shape: Shape, index: number): number {
  const strides = stridesOf(own);
  const all = stridesOf(shape);
  const offset = shape.length - own.length;
  let place = 0;
  own.forEach((size, axis) => {
    const at = Math.floor(index / all[offset + axis]!) % shape[offset + axis]!;
    place += (size === 1 ? 0 : at) * strides[axis]!;
  });
  return place;
}

/**
 * Where the output is a sum of elements and of products of two of them: those sums. The definition is asked at 0, with
 * one element at 1, and with two; whether that is all there is shows at other numbers.
 */
function sums(particle: AnyParticle, inputs: Inputs, attributes: unknown): string[] | undefined {
  const ports = Object.keys(inputs).filter((port) => inputs[port]!.dtype === "float32");
  const f = (at: Inputs) => definedInOne(particle, at, attributes);
  const zero: Record<string, Inputs[string]> = { ...inputs };
  for (const port of ports) zero[port] = { ...zero[port]!, data: new Float64Array(zero[port]!.data.length) };
  const constant = f(zero);
  const terms: Term[][] = Array.from(constant, (factor) => (factor === 0 ? [] : [{ factor, elements: [] }]));
  const elements = ports.flatMap((port) => Array.from(inputs[port]!.data, (_, index): Element => ({ port, index })));
  const single = elements.map(({ port, index }) => f(moved(zero, port, index, 1)));
  for (const [one, first] of elements.entries()) {
    for (const [two, second] of elements.entries()) {
      if (two <= one || first.port === second.port) continue;
      const both = f(moved(moved(zero, first.port, first.index, 1), second.port, second.index, 1));
      terms.forEach((list, at) => {
        const factor = both[at]! - single[one]![at]! - single[two]![at]! + constant[at]!;
        if (factor !== 0) list.push({ factor, elements: [first, second] });
      });
    }
    terms.forEach((list, at) => {
      const factor = single[one]![at]! - constant[at]!;
      if (factor !== 0) list.push({ factor, elements: [first] });
    });
  }
  for (const by of [1, -1, 2.5]) {
    const probe: Record<string, Inputs[string]> = { ...inputs };
    for (const port of ports) {
      const { data } = inputs[port]!;
      probe[port] = { ...inputs[port]!, data: data.map((value, index) => by * value + (by - 1) * (index % 3)) };
    }
    const real = f(probe);
    const agree = terms.every((list, at) => {
      const sum = list.reduce((total, { factor, elements: of }) => {
        return total + of.reduce((product, { port, index }) => product * probe[port]!.data[index]!, factor);
      }, 0);
      return Math.abs(sum - real[at]!) <= 1e-9 * (1 + Math.abs(sum));
    });
    if (!agree) return undefined;
  }
  return terms.map((list) => writtenSum(particle, list, inputs));
}

function writtenSum(particle: AnyParticle, terms: readonly Term[], inputs: Inputs): string {
  if (terms.length === 0) return "0";
  const only = terms[0]!;
  if (terms.length === 1 && only.factor === 1 && only.elements.length === 1) {
    const { port, index } = only.elements[0]!;
    return named(symbolOf(particle, port), inputs[port]!.shape, index);
  }
  const divisor = 1 / only.factor;
  const mean =
    divisor > 1.5 && Math.abs(divisor - Math.round(divisor)) < 1e-9 && terms.every((term) => isLike(term, only));
  if (mean) {
    const list = terms.map(({ elements }) => product(1, elements, inputs)).join(" + ");
    return `${terms.length > 1 ? `(${list})` : list} / ${Math.round(divisor)}`;
  }
  return terms.map(({ factor, elements }) => product(factor, elements, inputs)).join(" + ");
}

function isLike(term: Term, only: Term): boolean {
  return term.factor === only.factor && term.elements.length === 1 && only.elements.length === 1;
}

function product(factor: number, elements: readonly Element[], inputs: Inputs): string {
  const values = elements.map(({ port, index }) => inputs[port]!.data[index]!);
  if (factor !== 1 || values.length === 0) values.unshift(factor);
  return values.map(written).join("·");
}

/** The op as a function of just the elements that an output depends on. */
function calls(particle: AnyParticle, inputs: Inputs, attributes: unknown): string[] {
  const base = definedInOne(particle, inputs, attributes);
  const parts: string[][] = Array.from(base, () => []);
  for (const [port, { data, dtype }] of Object.entries(inputs)) {
    const touched = parts.map((): string[] => []);
    for (let index = 0; index < data.length; index++) {
      if (dtype !== "float32") continue;
      const changed = [1e3, -1e3, 0.5, -0.5].map((step) =>
        definedInOne(particle, moved(inputs, port, index, step), attributes),
      );
      touched.forEach((list, at) => {
        if (changed.some((values) => !Object.is(values[at], base[at]))) list.push(number(data[index]!));
      });
    }
    touched.forEach((list, at) => {
      if (list.length > 0) parts[at]!.push(list.join(", "));
    });
  }
  return parts.map((list) => particle.among?.(list.join("; ")) ?? `${particle.name}(${list.join("; ")})`);
}
