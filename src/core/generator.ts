import { DataError, QuarkError } from "../errors.ts";

const length = 624;
const shift = 397;
/** PyTorch's default seed of a `torch.Generator()`. */
const defaultSeed = 67280421310721n;
const stateBytes = 5056;

/**
 * A source of random bits: the Mersenne Twister MT19937, seeded, tempered and saved as PyTorch's CPU generator does, so that a
 * seed gives the numbers it gives there. Only its lowest 32 bits count; a negative seed stands for 2⁶⁴ + seed.
 */
export class Generator {
  #seed = 0n;
  /** The recurrence; `#words` holds the same words tempered, `#next` the first that was not handed out yet. */
  readonly #state = new Int32Array(length);
  readonly #words = new Uint32Array(length);
  #next = length;
  /** The second number of the last Box–Muller pair: what a normal draw of fewer than 16 numbers left over. */
  #spareNormal: number | undefined;

  /** Without a seed it takes PyTorch's default, 67280421310721: a program that sets no seed gives the same numbers each time. */
  constructor(seed: number | bigint = defaultSeed) {
    this.manualSeed(seed);
  }

  /** Starts the sequence of `seed`, a whole number from −2⁶³ to 2⁶⁴ − 1. */
  manualSeed(seed: number | bigint): this {
    this.#seed = checkedSeed(seed);
    const state = this.#state;
    state[0] = Number(this.#seed & 0xffffffffn);
    for (let index = 1; index < length; index++) {
      const previous = state[index - 1]!;
      state[index] = Math.imul(1812433253, previous ^ (previous >>> 30)) + index;
    }
    this.#next = length;
    this.#spareNormal = undefined;
    return this;
  }

  /** The seed it was last given, as a number from 0 to 2⁶⁴ − 1. */
  get initialSeed(): bigint {
    return this.#seed;
  }

  /** 32 random bits, as a number from 0 to 2³² − 1. */
  random(): number {
    if (this.#next === length) this.#advance();
    return this.#words[this.#next++]!;
  }

  /** 63 random bits, as `torch.empty((), dtype=torch.int64).random_()` draws a seed. */
  random63(): bigint {
    const high = this.random() & 0x7fffffff;
    return (BigInt(high) << 32n) | BigInt(this.random());
  }

  /** A float32 from [0, 1): 24 random bits over 2²⁴. */
  uniform(): number {
    return (this.random() & 0xffffff) / 0x1000000;
  }

  /** A float64 from [0, 1): 53 random bits over 2⁵³. */
  uniform53(): number {
    const high = this.random() & 0x1fffff;
    return (high * 0x100000000 + this.random()) / 0x20000000000000;
  }

  /** A whole number from [0, range) for a range up to 2⁵³, by PyTorch's rule: 32 bits modulo the range, 64 from 2³² on. */
  below(range: number): number {
    if (range < 0x100000000) return this.random() % range;
    const high = this.random();
    return Number(((BigInt(high) << 32n) | BigInt(this.random())) % BigInt(range));
  }

  /** Takes the spare normal number, if there is one. */
  takeSpareNormal(): number | undefined {
    const spare = this.#spareNormal;
    this.#spareNormal = undefined;
    return spare;
  }

  keepSpareNormal(value: number): void {
    this.#spareNormal = value;
  }

  /** Where it stands, to go on from there later: the 5056 bytes of `torch.get_rng_state()`. */
  getState(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(stateBytes);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, this.#seed, true);
    view.setInt32(8, length + 1 - this.#next, true);
    view.setInt32(12, 1, true);
    view.setUint32(16, this.#next, true);
    for (let index = 0; index < length; index++) view.setUint32(24 + 8 * index, this.#state[index]!, true);
    view.setFloat64(5024, this.#spareNormal ?? 0, true);
    view.setInt32(5040, this.#spareNormal === undefined ? 0 : 1, true);
    return bytes;
  }

  /** Goes on where `getState()`, or `torch.get_rng_state()`, was taken. Throws a DataError for anything else. */
  setState(bytes: Uint8Array): this {
    if (bytes.length !== stateBytes) {
      throw new DataError(
        `setState: a generator's state has ${stateBytes} bytes, got ${bytes.length}; pass what getState() gave`,
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, stateBytes);
    const left = view.getInt32(8, true);
    const next = view.getUint32(16, true);
    // One word is left to count when all are used up, and right after seeding, when `next` still says 0.
    const position = left === 1 ? length : next;
    if (view.getInt32(12, true) !== 1 || left !== length + 1 - position || position > length) {
      throw new DataError(
        `setState: ${left} words left at word ${next} do not fit together; pass what getState() gave, unchanged`,
      );
    }
    this.#seed = view.getBigUint64(0, true);
    for (let index = 0; index < length; index++) this.#state[index] = view.getUint32(24 + 8 * index, true);
    this.#temper();
    this.#next = position;
    this.#spareNormal = view.getInt32(5040, true) === 0 ? undefined : view.getFloat64(5024, true);
    return this;
  }

  /** The same for a checkpoint: a state dict of one entry. */
  stateDict(): { readonly state: Uint8Array } {
    return { state: this.getState() };
  }

  loadStateDict({ state }: { readonly state: Uint8Array }): void {
    this.setState(state);
  }

  /** The next 624 words: each follows from itself, its successor and the word 397 further on, round the ring. */
  #advance(): void {
    const state = this.#state;
    let index = 0;
    for (; index < length - shift; index++) {
      state[index] = state[index + shift]! ^ twist(state[index]!, state[index + 1]!);
    }
    for (; index < length - 1; index++) {
      state[index] = state[index + shift - length]! ^ twist(state[index]!, state[index + 1]!);
    }
    state[index] = state[shift - 1]! ^ twist(state[index]!, state[0]!);
    this.#temper();
    this.#next = 0;
  }

  #temper(): void {
    const state = this.#state;
    const words = this.#words;
    for (let index = 0; index < length; index++) {
      let word = state[index]!;
      word ^= word >>> 11;
      word ^= (word << 7) & 0x9d2c5680;
      word ^= (word << 15) & 0xefc60000;
      words[index] = word ^ (word >>> 18);
    }
  }
}

/** The top bit of one word and the others of the next, through the twister's matrix. */
function twist(word: number, next: number): number {
  return (((word & 0x80000000) | (next & 0x7fffffff)) >>> 1) ^ (-(next & 1) & 0x9908b0df);
}

function checkedSeed(seed: number | bigint): bigint {
  const whole = typeof seed === "bigint" || Number.isSafeInteger(seed);
  const value = whole ? BigInt(seed) : 0n;
  if (!whole || value < -(2n ** 63n) || value >= 2n ** 64n) {
    throw new QuarkError(
      `manualSeed: the seed must be a whole number from −2⁶³ to 2⁶⁴ − 1, got ${seed}; beyond ±2⁵³ pass a bigint`,
    );
  }
  return BigInt.asUintN(64, value);
}

/** The generator that everything random draws from unless it is given another. */
export const defaultGenerator = new Generator();

/** Starts the sequence of `seed` in the default generator: the numbers, weights and shuffles of `torch.manual_seed(seed)`. */
export function manualSeed(seed: number | bigint): Generator {
  return defaultGenerator.manualSeed(seed);
}
