/** A table of plain text: the first column to the left, all others to the right. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd();
  const rule = "─".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [line(head), rule, ...rows.map(line), rule].join("\n");
}

/** `4,241,152` */
export function counted(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** Bytes as megabytes of 1,000,000, as they are usual in such tables. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}
