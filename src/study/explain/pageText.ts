/** What an op's page says, as plain text of a width that can be read. */

/** What a page says under the headings that `explain` shows. */
export interface Sections {
  readonly Shapes?: string | undefined;
  readonly Gradient?: string | undefined;
  readonly Edges?: string | undefined;
  readonly Kernel?: string | undefined;
}

const width = 98;

export function sectionsOf(page: string): Sections {
  const find = (title: RegExp) => {
    const section = page
      .split(/^## /m)
      .slice(1)
      .find((text) => title.test(text));
    return section && plain(section.slice(section.indexOf("\n") + 1));
  };
  return {
    Shapes: find(/^Shapes/),
    Gradient: find(/^Gradient/),
    Edges: find(/^(?:Edge|Ties|Conventions)/),
    Kernel: find(/^How /),
  };
}

/** Markdown without its links; tables in columns, code as it is, everything else folded. */
function plain(markdown: string): string {
  const indentedCode = markdown.replace(/^```.*\n([\s\S]*?)^```$/gm, (_, code: string) =>
    code.trimEnd().replace(/^(?=.)/gm, "    "),
  );
  const text = indentedCode.replace(/\[([^\]\n]+)\]\([\w./#-]+\)/g, "$1");
  const blocks: string[][] = [];
  let last: string | undefined;
  for (const line of text.trim().split("\n")) {
    const kind = line === "" ? "space" : line.startsWith("|") ? "table" : line.startsWith("    ") ? "code" : "prose";
    const begins = /^(?:[-*]|\d+\.) /.test(line);
    if (kind !== last || kind === "code" || kind === "space" || begins) blocks.push([]);
    blocks.at(-1)!.push(line);
    last = kind;
  }
  return blocks.map((lines) => (lines[0]!.startsWith("|") ? columns(lines) : shown(lines))).join("\n");
}

function shown(lines: readonly string[]): string {
  const [first = ""] = lines;
  if (first === "" || first.startsWith("    ")) return lines.join("\n");
  const [, mark = ""] = /^((?:[-*]|\d+\.) )/.exec(first) ?? [];
  return folded(lines.map((line) => line.trim()).join(" "), " ".repeat(mark.length));
}

/** Text broken at spaces; `margin` stands before every line but the first. */
export function folded(text: string, margin: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = margin + word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}

/** A table's cells below one another, without its rules. */
function columns(lines: readonly string[]): string {
  const rows = lines
    .map((line) => line.replace(/^\||\|$/g, "").split("|"))
    .map((cells) => cells.map((cell) => cell.trim()))
    .filter((cells) => !cells.every((cell) => /^:?-*:?$/.test(cell)));
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? "").length)));
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
