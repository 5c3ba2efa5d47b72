/**
 * Text from files, with everything that could steer a terminal or turn the reading direction written out:
 * `\\u{1b}`.
 */
export function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu, (one) => `\\u{${one.codePointAt(0)!.toString(16)}}`);
}
