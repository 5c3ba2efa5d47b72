/**
 * Arithmetic with numbers put in, as a template: those below zero stand in brackets where their sign could be misread.
 *
 *     term`${x} · ${y}`      of "2" and "−3":   2 · (−3)
 */
export function term(parts: TemplateStringsArray, ...values: readonly (string | undefined)[]): string {
  return values.reduce<string>((text, value = "?", index) => {
    const before = parts[index]!;
    const after = parts[index + 1]!;
    const first = index === 0 && before === "";
    const alone = first ? !/^[²³^]/.test(after) : /[(|]$|[,?:] $/.test(before);
    return `${text}${value.startsWith("−") && !alone ? `(${value})` : value}${after}`;
  }, parts[0]!);
}
