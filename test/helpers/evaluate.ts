/** Computes arithmetic that `explain` has written out, from its text alone. */

import { type AnyParticle, symbolOf } from "../../src/core/particle.ts";
import { type Shape, sizeOf, stridesOf } from "../../src/core/shape.ts";
import { errorFunction } from "../../src/particles/activation/how/normal.ts";

type Inputs = Readonly<Record<string, { readonly shape: Shape; readonly data: ArrayLike<number> }>>;

const operand = String.raw`(\([^()]*\)|[\d.]+(?:e-?\d+)?)`;

/** What each notation of mathematics is in JavaScript, in the order in which they are replaced. */
const notations: readonly (readonly [RegExp, string])[] = [
  [/−/g, "-"],
  [/·/g, "*"],
  [/∞/g, "Infinity"],
  [/½/g, "0.5"],
  [/²/g, "**2"],
  [/³/g, "**3"],
  [/∫ from 0 to (\S+) of e\^\(-t\*\*2\) dt/g, "erf($1) * Math.sqrt(Math.PI) / 2"],
  [/e\^/g, "Math.E**"],
  [/\^/g, "**"],
  [new RegExp(`log₁₀ ${operand}`, "g"), "Math.log10($1)"],
  [new RegExp(`log₂ ${operand}`, "g"), "Math.log2($1)"],
  [/the angle of the point \(([^,]+), (.+)\)$/g, "Math.atan2($2, $1)"],
  [/\b(floor|trunc)\(/g, "Math.$1("],
  [/⌈([^⌉]+)⌉/g, "Math.ceil($1)"],
  [/⌊([^⌋]+)⌋/g, "Math.floor($1)"],
  [/the whole number nearest to (.+)/g, "nearest($1)"],
  [new RegExp(`\\b(a?(?:sin|cos|tan)) ${operand}`, "g"), "Math.$1($2)"],
  [/√π/g, "Math.sqrt(Math.PI)"],
  [/π/g, "Math.PI"],
  [/√\(/g, "Math.sqrt("],
  [new RegExp(`√${operand}`, "g"), "Math.sqrt($1)"],
  [/\|([^|]+)\|/g, "Math.abs($1)"],
  [/\bln\(/g, "Math.log("],
  [new RegExp(`\\bln ${operand}`, "g"), "Math.log($1)"],
  [/\b(max|min)\(/g, "Math.$1("],
  [/\btanh\(/g, "Math.tanh("],
  [/(\S+) without its fraction/g, "Math.trunc($1)"],
  [/^(.*) mod 256$/g, "((($1) % 256) + 256) % 256"],
  [/≠/g, "!=="],
  [/≥/g, ">="],
  [/≤/g, "<="],
  [/ = /g, " === "],
  [
    /the (?:first )?place of Math\.(max|min)\(([^()]*)\) === the (?:first )?place of (.*)$/g,
    "[$2].indexOf(Math.$1($2))",
  ],
];

/** The number that `text` comes to; `x[0,1]` is taken from the inputs. An error where the text is no arithmetic. */
export function evaluate(particle: AnyParticle, text: string, inputs: Inputs): number {
  let code = text;
  for (const [port, { shape, data }] of Object.entries(inputs)) {
    const symbol = symbolOf(particle, port);
    const strides = stridesOf(shape);
    for (let index = 0; index < sizeOf(shape); index++) {
      const place = shape.map((size, axis) => Math.floor(index / strides[axis]!) % size).join(",");
      code = code.replaceAll(`${symbol}[${place}]`, `(${data[index]})`);
    }
  }
  for (const [notation, replacement] of notations) code = code.replace(notation, replacement);
  return new Function("erf", "nearest", `return ${code};`)(errorFunction, nearest);
}

/** Ties go to the even number. */
function nearest(value: number): number {
  const up = Math.round(value);
  return up - value === 0.5 && up % 2 !== 0 ? up - 1 : up;
}
