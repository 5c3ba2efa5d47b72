/** Tables from text with separators, by Papa Parse: quotes, line ends and separators of all kinds. */
import Papa from "papaparse";
import { DataError, data } from "../index.ts";
import { readWhole } from "./files.ts";

export interface CsvOptions {
  /** The names of the columns, where the first line does not have them. */
  readonly names?: readonly string[];
  /** What separates fields; found out by default. */
  readonly delimiter?: string;
}

/**
 * Reads a CSV file, whose first line names the columns unless `names` does.
 *
 * @throws DataError where the file cannot be read, is cut off within quotes, or has rows of unequal length.
 */
export function readCsv(file: string, { names, delimiter = "" }: CsvOptions = {}): data.Table {
  const text = new TextDecoder().decode(readWhole(file));
  const { data: rows, errors } = Papa.parse<string[]>(text, { delimiter, skipEmptyLines: true });
  const fault = errors.find(({ type }) => type === "Quotes");
  if (fault) throw new DataError(`${file}: ${fault.message} (row ${(fault.row ?? 0) + 1})`);
  const [head, ...rest] = rows;
  if (!head) throw new DataError(`${file}: there is no row`);
  return names ? new data.Table(names, rows) : new data.Table(head, rest);
}
