/** `alpha=1, axis=2`: the options of a layer as its printed form shows them. */
export function described(options: object): string {
  return Object.entries(options)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}
