import { MemoryError } from "../errors.ts";
import type { MemoryReport } from "./storage.ts";

/** The error that says what could not be had, who holds the most, and what helps. */
export function outOfMemory(wanted: string, bytes: number, { liveBytes, largest }: MemoryReport): MemoryError {
  const holders = largest.map(({ label, shape, bytes }) => `${label} [${shape.join(", ")}] ${mebibytes(bytes)}`);
  return new MemoryError(
    `out of memory: ${mebibytes(bytes)} wanted for ${wanted}, ${mebibytes(liveBytes)} live; ` +
      `largest: ${holders.join(", ") || "none"}; dispose what is no longer needed, or use a smaller batch`,
  );
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
