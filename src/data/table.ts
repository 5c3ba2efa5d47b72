import { empty } from "../core/creation.ts";
import type { Tensor } from "../core/tensor.ts";
import { DataError } from "../errors.ts";

/** Named columns of text, as a CSV file has them; `quarkgrad/node` reads one by `readCsv`. */
export class Table {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];

  /** @throws DataError for a row with more or fewer fields than names. */
  constructor(names: readonly string[], rows: readonly (readonly string[])[]) {
    this.names = names;
    this.rows = rows;
    for (const [index, row] of rows.entries()) {
      if (row.length === names.length) continue;
      throw new DataError(`Table: row ${index + 1} has ${row.length} fields, but there are ${names.length} columns`);
    }
  }

  get length(): number {
    return this.rows.length;
  }

  /** The texts of a column. */
  column(name: string): string[] {
    const place = this.#place(name);
    return this.rows.map((row) => row[place]!);
  }

  /** Columns of numbers as one float32 tensor [rows, columns]; all columns where none is named. */
  numbers(names: readonly string[] = this.names): Tensor {
    const places = names.map((name) => this.#place(name));
    const values = this.rows.flatMap((row, index) =>
      places.map((place) => {
        const text = row[place]!.trim();
        const value = Number(text);
        if (text !== "" && !Number.isNaN(value)) return value;
        throw new DataError(`Table: "${text.slice(0, 40)}" in row ${index + 1} of ${this.names[place]} is no number`);
      }),
    );
    const result = empty([this.length, names.length]);
    result.data.set(values);
    return result;
  }

  /** The classes that a column names, in the order of their names, and each row's number among them: int32 [rows]. */
  classes(name: string): { readonly labels: Tensor; readonly names: readonly string[] } {
    const column = this.column(name);
    const names = [...new Set(column)].sort();
    const labels = empty([column.length], { dtype: "int32" });
    labels.data.set(column.map((text) => names.indexOf(text)));
    return { labels, names };
  }

  #place(name: string): number {
    const place = this.names.indexOf(name);
    if (place >= 0) return place;
    throw new DataError(`Table: there is no column "${name}"; there are ${this.names.slice(0, 20).join(", ")}`);
  }
}
