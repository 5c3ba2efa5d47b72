/** target[i] += source[i] for i in [from, to), in whole vectors: the accumulation of gradients. */
export function addInto(target: usize, source: usize, from: u32, to: u32): void {
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 16) {
    v128.store(target + at, f32x4.add(v128.load(target + at), v128.load(source + at)));
  }
}
