import { type OptionsOf, option, readOptions, whole } from "../core/options.ts";
import { DataError } from "../errors.ts";

export interface TokenizerOptions {
  /** Tokens that are seen less often are unknown: 1. */
  readonly minFrequency: number;
  /** How many tokens there are at most, padding and unknown among them; all by default. */
  readonly maxSize: number | undefined;
  /** Further tokens with places of their own behind padding and unknown: `["<start>", "<end>"]`. */
  readonly specials: readonly string[];
}

const known: OptionsOf<TokenizerOptions> = {
  minFrequency: whole(1, 1),
  maxSize: whole(undefined, 2),
  specials: option<readonly string[]>([], "a list of texts", (value) => Array.isArray(value)),
};

/** The number of padding, and of whatever is in no vocabulary. */
export const padding = 0;
export const unknown = 1;

/** Texts as lists of numbers, by a vocabulary of the tokens in some of them: the most frequent first, equal ones by their order. */
export abstract class Tokenizer {
  /** Each number's token: `<pad>`, `<unk>`, the specials, then those of the texts. */
  readonly tokens: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;

  /** @throws OptionError for unknown options; DataError where a special token stands twice. */
  constructor(texts: Iterable<string>, options: Partial<TokenizerOptions> = {}) {
    const { minFrequency, maxSize, specials } = readOptions(this.constructor.name, options, known);
    const first = ["<pad>", "<unk>", ...specials];
    if (new Set(first).size < first.length)
      throw new DataError(`${this.constructor.name}: a special token stands twice`);
    const counts = new Map<string, number>();
    for (const text of texts) for (const token of this.split(text)) counts.set(token, (counts.get(token) ?? 0) + 1);
    const found = [...counts]
      .filter(([token, count]) => count >= minFrequency && !first.includes(token))
      .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
      .map(([token]) => token);
    this.tokens = [...first, ...found].slice(0, maxSize);
    this.#numbers = new Map(this.tokens.map((token, number) => [token, number]));
  }

  /** The tokens of a text. */
  abstract split(text: string): string[];

  /** What stands between two tokens where they are put together again. */
  protected abstract readonly between: string;

  get size(): number {
    return this.tokens.length;
  }

  /** The number of one token. */
  number(token: string): number {
    return this.#numbers.get(token) ?? unknown;
  }

  encode(text: string): number[] {
    return this.split(text).map((token) => this.number(token));
  }

  /** The text of some numbers; padding is left out. */
  decode(numbers: ArrayLike<number>): string {
    return Array.from(numbers)
      .filter((number) => number !== padding)
      .map((number) => this.tokens[number] ?? this.tokens[unknown]!)
      .join(this.between);
  }
}

/** Words in small letters, with their inner apostrophes and hyphens; numbers and each other sign are tokens too. */
export class WordTokenizer extends Tokenizer {
  protected readonly between = " ";

  split(text: string): string[] {
    return text.toLowerCase().match(/[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*|\p{N}+|[^\s\p{L}\p{N}]/gu) ?? [];
  }
}

/** Characters (Unicode code points) as they are. */
export class CharTokenizer extends Tokenizer {
  protected readonly between = "";

  split(text: string): string[] {
    return [...text];
  }
}
