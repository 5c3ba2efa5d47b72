import { type AnyParticle, type ParticleOf, type SeveralParticleOf, symbolOf } from "../../core/particle.ts";
import { type Nested, show, sizeOf } from "../../core/shape.ts";
import { number, written } from "../../core/written.ts";
import type { Given, Inputs } from "../numbers/gradcheck.ts";
import { arithmeticLines, named } from "./arithmetic.ts";
import { sectionsOf } from "./pageText.ts";
import { type WorkedOut, workOut } from "./workOut.ts";

export interface ExplainOptions {
  /** Own numbers: nested arrays for all ports of the example or some. */
  readonly inputs?: Readonly<Record<string, Nested>>;
  /** Own attributes, all of them or some. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /**
   * The text of the op's page, `docs/particles/<family>/<op>.md`: what it says of shapes, derivation, edges and kernel
   * is shown as well.
   */
  readonly page?: string;
}

/**
 * A particle as text: what it does, and an example computed by the real kernels, with the arithmetic of each element of
 * the output, and the gradient by the engine's backward beside central differences of the definition.
 *
 * @throws QuarkError where the particle has no example and `inputs` are not given, or where there are more than 64
 * elements.
 */
export function explain<Ports extends object, Attributes>(
  particle: ParticleOf<Ports, Attributes> | SeveralParticleOf<Ports, Attributes, object>,
  options: ExplainOptions = {},
): string {
  return textOf(particle as AnyParticle, options);
}

function textOf(particle: AnyParticle, options: ExplainOptions): string {
  const { name, summary, formula } = particle;
  const texts = textsOf(particle, options);
  const page = sectionsOf(options.page ?? "");
  const head = summary === undefined ? name : `${name}: ${summary}`;
  const body = titled([
    ["Formula", formula],
    ["Shapes", [...portLines(particle, texts.inputs, texts.output), page.Shapes ? `\n${page.Shapes}` : ""].join("\n")],
    ["Numbers", texts.numbers],
    ["Output, by the kernel", texts.result],
    ["Gradient, derived", page.Gradient],
    ["Gradient of the example", texts.gradient],
    ["Conventions and edges", page.Edges],
    ["The kernel", page.Kernel],
    ["Cost of the example", texts.cost],
  ]);
  return `${head}\n\n${body}\n`;
}

/** A particle's example worked out, as its page shows it: numbers, output, gradient, cost. */
export function workedExample(particle: AnyParticle): string {
  const { numbers, result, gradient, cost } = textsOf(particle, {});
  return titled([
    ["Numbers", numbers],
    ["Output, by the kernel", result],
    ["Gradient of the example", gradient],
    ["Cost of the example", cost],
  ]);
}

function textsOf(particle: AnyParticle, options: ExplainOptions) {
  const worked = workOut(particle, options);
  const { inputs, attributes, output, cost } = worked;
  return {
    inputs,
    output,
    numbers: numberLines(particle, inputs, attributes),
    result: [matrix("y", output), "", ...arithmeticLines(worked.arithmetic, output)].join("\n"),
    gradient: gradientLines(particle, worked),
    cost: `${cost.flops} floating-point operations, ${cost.bytes} bytes read and written`,
  };
}

/** Sections under their titles, those that are empty left out. */
function titled(sections: readonly (readonly [title: string, body: string | undefined])[]): string {
  return sections.flatMap(([title, text]) => (text ? [`${title}\n\n${indented(text.trimEnd())}`] : [])).join("\n\n");
}

function portLines(particle: AnyParticle, inputs: Inputs, output: Given): string[] {
  const rows = Object.entries(inputs).map(([port, values]) => [port, symbolOf(particle, port), values] as const);
  const width = Math.max(...[...rows.map(([port]) => port), "output"].map((port) => port.length));
  return [...rows, ["output", "y", output] as const].map(([port, symbol, { shape, dtype }]) => {
    return `${port.padEnd(width)}  ${symbol === port ? "" : `${symbol} `}${show(shape)} ${dtype}`;
  });
}

function numberLines(particle: AnyParticle, inputs: Inputs, attributes: unknown): string {
  const lines = Object.entries(inputs).map(([port, values]) => matrix(symbolOf(particle, port), values));
  for (const [key, value] of Object.entries(attributes ?? {})) lines.push(`${key} = ${JSON.stringify(value)}`);
  return lines.join("\n");
}

/** `x = [1 2]`, with its rows below one another; axes before the last two in turn. */
function matrix(symbol: string, { shape, data }: Pick<Given, "shape" | "data">): string {
  if (shape.length === 0) return `${symbol} = ${number(data[0]!)}`;
  const columns = shape.at(-1)!;
  const rows = shape.length > 1 ? shape.at(-2)! : 1;
  const cells = Array.from(data, number);
  const width = Math.max(0, ...cells.map((cell) => cell.length));
  const planes: string[] = [];
  for (let plane = 0; plane * rows * columns < cells.length; plane++) {
    const leading = shape.slice(0, -2);
    const label = sizeOf(leading) > 1 ? named(symbol, leading, plane) : symbol;
    const lines = Array.from({ length: rows }, (_, row) => {
      const start = (plane * rows + row) * columns;
      const text = cells.slice(start, start + columns).map((cell) => cell.padStart(width));
      return `${row === 0 ? `${label} = ` : " ".repeat(label.length + 3)}[${text.join(" ")}]`;
    });
    planes.push(lines.join("\n"));
  }
  return planes.length > 0 ? planes.join("\n") : `${symbol} = []`;
}

/**
 * Each element of each gradient: its terms, its value by backward, and the same by central differences of the
 * definition.
 */
function gradientLines(particle: AnyParticle, { inputs, grad, gradients }: WorkedOut): string {
  if (!particle.backward) return "There is none: no gradient flows through this op.";
  const arrives = grad.every((value) => value === 1) ? "1 everywhere" : Array.from(grad, number).join(", ");
  const lines = [`dy is ${arrives}. Each dx is the sum of dy·∂y/∂x over the outputs that x is part of.`];
  for (const [port, { backward, difference, terms }] of Object.entries(gradients)) {
    const rows = Array.from(backward, (value, index) => {
      const sum = terms[index]!.map(({ output, slope }) => `${number(grad[output]!)}·${written(slope)}`).join(" + ");
      const name = named(`d${symbolOf(particle, port)}`, inputs[port]!.shape, index);
      return [`${name} = ${sum || "0"}`, number(value), number(difference[index]!)];
    });
    const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length), 10));
    lines.push("");
    lines.push(`${"".padEnd(widths[0]!)}  ${"backward".padStart(widths[1]!)}  ${"difference".padStart(widths[2]!)}`);
    for (const [terms, value, difference] of rows) {
      lines.push(`${terms!.padEnd(widths[0]!)}  ${value!.padStart(widths[1]!)}  ${difference!.padStart(widths[2]!)}`);
    }
  }
  return lines.join("\n");
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
