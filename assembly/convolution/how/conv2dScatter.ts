import { Plan, phaseAt } from "./conv2dPlan";
import { interleaveHigh, interleaveLow } from "../../how/simd";

/**
 * Brings the phases of a strip together: `parts` [phases][outputs][stripRows][pitch] into the planes of `result`, for the output
 * channels [first, end). `firstRow` is the strip's first row of each phase. Of stride 2, the most common, two phases are woven
 * into each row by shuffles.
 */
export function scatter(
  planAt: usize, parts: usize, partPlane: usize, result: usize, firstRow: u32, first: u32, end: u32,
): void {
  const plan = changetype<Plan>(planAt);
  const pitch = (<usize>plan.pitch) << 2;
  const together: u32 = plan.columnPhases == 2 ? 2 : 1;
  for (let index: u32 = 0; index < plan.phases; index += together) {
    let phase = phaseAt(planAt, index);
    if (phase.rows <= firstRow) continue;
    const rows = min(plan.stripRows, phase.rows - firstRow);
    let even = parts + partPlane * (index * plan.outputs);
    let odd = even + partPlane * plan.outputs;
    let columns = phase.columns, oddColumns: u32 = 0;
    if (together == 2) {
      oddColumns = phaseAt(planAt, index + 1).columns;
      if (phaseAt(planAt, index + 1).first < phase.first) {
        const swapped = even;
        even = odd;
        odd = swapped;
        oddColumns = columns;
        phase = phaseAt(planAt, index + 1);
        columns = phase.columns;
      }
    }
    const step = phase.columnBytes;
    for (let o = first; o < end; o++) {
      let from = even + partPlane * o;
      let other = odd + partPlane * o;
      let to = result + ((<usize>plan.outputPlane) << 2) * o + phase.first + phase.rowBytes * firstRow;
      for (let row: u32 = 0; row < rows; row++, from += pitch, other += pitch, to += phase.rowBytes) {
        let at = to;
        let column: u32 = 0;
        let place: usize = 0;
        for (; column + 4 <= oddColumns; column += 4, place += 16, at += 32) {
          const a = v128.load(from + place), b = v128.load(other + place);
          v128.store(at, interleaveLow(a, b));
          v128.store(at, interleaveHigh(a, b), 16);
        }
        for (; column < columns; column++, place += 4, at += step) {
          f32.store(at, f32.load(from + place));
          if (column < oddColumns) f32.store(at, f32.load(other + place), 4);
        }
      }
    }
  }
}
