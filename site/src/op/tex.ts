/**
 * The formula of a declaration, which is plain text as on paper (`y = 1/n · Σ x over the axes`), as TeX. It is read by the signs
 * that all formulas are written with, so that a new op's formula needs nothing more.
 */
export function tex(formula: string): string {
  const lines = formula.split("\n").flatMap((line) => line.split(/,? {3,}(?!$)/));
  return lines.map((line) => texOfLine(line.trim())).join(" \\\\ ");
}

function texOfLine(line: string): string {
  const [, left, condition, yes, no, rest = ""] = /^(.*?) = (.*) \? (.*?) : ([^,;]*)(.*)$/.exec(line) ?? [];
  if (left === undefined) return sequence(line);
  const otherwise = "&\\text{otherwise}";
  return `${sequence(left)} = \\begin{cases} ${sequence(yes!)} &\\text{if } ${sequence(condition!)} \\\\ ${sequence(no!)} ${otherwise} \\end{cases}${sequence(rest)}`;
}

/** A piece of a formula, and whether it can stand above or below a fraction's line as it is. */
interface Piece {
  readonly tex: string;
  readonly whole: boolean;
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ˣʸⁿᵗ";
const plainOfSuper = "0123456789-+xynt";
const subscripts = "₀₁₂₃₄₅₆₇₈₉ₖₙₜᵢⱼₓₘ";
const plainOfSub = "0123456789kntijxm";
const functions = new Set(["max", "min", "ln", "tanh", "exp", "log", "sin", "cos"]);
const symbols: Readonly<Record<string, string>> = {
  "·": "\\cdot ",
  "−": "-",
  "…": "\\ldots ",
  "≤": "\\le ",
  "≥": "\\ge ",
  "≠": "\\ne ",
  "∞": "\\infty ",
  "½": "\\tfrac{1}{2}",
  "⌊": "\\lfloor ",
  "⌋": "\\rfloor ",
  "∫": "\\int ",
  "∂": "\\partial ",
  "×": "\\times ",
  "→": "\\to ",
  "∈": "\\in ",
  "′": "'",
  "%": "\\%",
  "{": "\\{",
  "}": "\\}",
  _: "\\_",
  "#": "\\#",
  "&": "\\&",
  "⊙": "\\odot ",
  "√": "\\surd ",
  Σ: "\\sum ",
};

function sequence(text: string): string {
  const pieces: Piece[] = [];
  let rest = text;
  const take = (length: number) => {
    const taken = rest.slice(0, length);
    rest = rest.slice(length);
    return taken;
  };
  while (rest !== "") {
    const sum = /^(Σ|max|min) ([a-z](?:,[a-z])*)(?: {2}|(?: (?=[\p{L}(−|]))(?!(?:over|along)\b))/u.exec(rest);
    const fraction = /^ ?\/ ?/.exec(rest);
    if (sum) {
      take(sum[0].length);
      const operator = { Σ: "\\sum", max: "\\max", min: "\\min" }[sum[1]!]!;
      pieces.push({ tex: `${operator}_{${sum[2]}}`, whole: false });
    } else if (fraction && pieces.at(-1)?.whole) {
      take(fraction[0].length);
      // A sum over a sum: the line is as long as both.
      const sums = /^Σ/.test(rest) ? pieces.findLastIndex((piece) => piece.tex.startsWith("\\sum")) : -1;
      const above = pieces.splice(sums >= 0 ? sums : pieces.length - 1);
      const top = above.map((piece) => piece.tex).join("");
      pieces.push({ tex: `\\frac{${bare(top)}}{${bare(denominator(take, () => rest))}}`, whole: true });
    } else {
      // A space between words is one; around signs TeX sets its own.
      if (rest.startsWith(" ") && !pieces.at(-1)?.whole && !/^ +\p{L}{2}/u.test(rest)) rest = rest.trimStart();
      else pieces.push(atom(take, () => rest));
    }
  }
  return pieces.map(({ tex: piece }) => piece).join("");
}

type Take = (length: number) => string;

function denominator(take: Take, rest: () => string): string {
  if (/^Σ/.test(rest())) {
    const end = /(?: along| over|,|$)/.exec(rest())!.index;
    return sequence(take(end));
  }
  return atom(take, rest).tex;
}

function atom(take: Take, rest: () => string): Piece {
  const text = rest();
  const number = /^\d+(?:\.\d+)?/.exec(text)?.[0];
  const word = /^[A-Za-zΑ-ΡΤ-Ωα-ω][A-Za-z]*\d*/.exec(text)?.[0] ?? /^σ/.exec(text)?.[0];
  if (number !== undefined) return withScripts({ tex: take(number.length), whole: true }, take, rest);
  if (word !== undefined) {
    take(word.length);
    const long = word.length > 1;
    const name = functions.has(word) ? `\\${word} ` : long ? `\\text{${word}}` : word;
    const called = rest().startsWith("(") ? group(take, rest, "(", ")") : "";
    return withScripts({ tex: name + called, whole: true }, take, rest);
  }
  if (text.startsWith("(")) return withScripts({ tex: group(take, rest, "(", ")"), whole: true }, take, rest);
  if (text.startsWith("√")) {
    take(1);
    return { tex: `\\sqrt{${bare(atom(take, rest).tex)}}`, whole: true };
  }
  if (text.startsWith(" ")) {
    const spaces = /^ +/.exec(text)![0];
    const between = /^ +[\p{L}\d]/u.test(text);
    take(spaces.length);
    return { tex: between ? "\\ " : " ", whole: false };
  }
  const sign = take(1);
  return withScripts({ tex: symbols[sign] ?? sign, whole: false }, take, rest);
}

/** What hangs on an atom: `[i,j]`, ˣ, ₀, `^…`. */
function withScripts(piece: Piece, take: Take, rest: () => string): Piece {
  let { tex: result } = piece;
  for (;;) {
    const text = rest();
    const above = new RegExp(`^[${superscripts}]+`).exec(text)?.[0];
    const below = new RegExp(`^[${subscripts}]+`).exec(text)?.[0];
    if (above) {
      take(above.length);
      result += `^{${translated(above, superscripts, plainOfSuper)}}`;
    } else if (below) {
      take(below.length);
      result += `_{${translated(below, subscripts, plainOfSub)}}`;
    } else if (text.startsWith("[")) {
      const inner = matching(text, "[", "]");
      take(inner.length + 2);
      result = `{${result}}_{${sequence(inner)}}`;
    } else if (text.startsWith("^")) {
      take(1);
      const minus = rest().startsWith("−") ? take(1) : "";
      const power = atom(take, rest).tex;
      result += `^{${minus && "-"}${bare(power)}}`;
    } else return { ...piece, tex: result };
  }
}

function group(take: Take, rest: () => string, open: string, close: string): string {
  const inner = matching(rest(), open, close);
  take(inner.length + 2);
  return `\\left${open}${sequence(inner)}\\right${close}`;
}

/** What stands between the bracket that the text begins with and the one that closes it. */
function matching(text: string, open: string, close: string): string {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === open) depth++;
    else if (text[at] === close && --depth === 0) return text.slice(1, at);
  }
  return text.slice(1, -1);
}

/** Without the brackets that a fraction's line or a root makes needless. */
function bare(text: string): string {
  return /^\\left\((?:(?!\\left\(|\\right\)).)*\\right\)$/.test(text)
    ? text.slice("\\left(".length, -"\\right)".length)
    : text;
}

function translated(text: string, from: string, to: string): string {
  return [...text].map((sign) => to[[...from].indexOf(sign)]).join("");
}
