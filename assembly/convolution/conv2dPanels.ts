/**
 * Packs weights into panels of 2 outputs, [groups][outputs/2][taps][2], an output behind the last being 0, for the units
 * (group, panel) in [from, to). `weight` is the address of the first tap of the first output; a tap (c, r, s) of output o
 * in group g lies g·groupStep + o·outputStep + c·channelStep + r·rowStep + s·columnStep elements on. Negative steps turn
 * the kernel around, as the input gradient needs it.
 */
export function conv2dPanels(
  weight: usize,
  panels: usize,
  groupStep: i32,
  outputs: u32,
  outputStep: i32,
  channels: u32,
  channelStep: i32,
  rows: u32,
  rowStep: i32,
  columns: u32,
  columnStep: i32,
  from: u32,
  to: u32,
): void {
  const pairs = (outputs + 1) >> 1;
  const panelBytes = (<usize>(channels * rows * columns)) << 3;
  channelStep <<= 2;
  rowStep <<= 2;
  columnStep <<= 2;
  outputStep <<= 2;
  for (let unit = from; unit < to; unit++) {
    const output = unit % pairs << 1;
    const valid = min<u32>(2, outputs - output);
    const panel = panels + panelBytes * unit;
    if (valid < 2) memory.fill(panel, 0, panelBytes);
    let source = <i32>weight + (<i32>(unit / pairs) * groupStep << 2) + <i32>output * outputStep;
    for (let j: u32 = 0; j < valid; j++, source += outputStep) {
      let target = panel + (j << 2);
      for (let c: u32 = 0, channel = source; c < channels; c++, channel += channelStep) {
        for (let r: u32 = 0, row = channel; r < rows; r++, row += rowStep) {
          for (let s: u32 = 0, at = row; s < columns; s++, at += columnStep, target += 8) {
            f32.store(target, f32.load(<usize>at));
          }
        }
      }
    }
  }
}
