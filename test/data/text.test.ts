import * as assert from "uvu/assert";
import { DataError, data, OptionError } from "../../src/index.ts";
import { suite } from "../helpers/suite.ts";

function fails(body: () => unknown, kind: abstract new (...args: never) => Error, message: string): void {
  assert.throws(body, (error: unknown) => {
    assert.instance(error, kind);
    assert.is((error as Error).message, message);
    return true;
  });
}

suite("tokenisers", (test) => {
  test("words", () => {
    const words = new data.WordTokenizer(["The cat isn't the dog.", "A well-known cat, 42 times"]);
    assert.equal(words.split("It's  Über-gut: 3x!"), ["it's", "über-gut", ":", "3", "x", "!"]);
    assert.equal(words.tokens.slice(0, 4), ["<pad>", "<unk>", "cat", "the"]);
    assert.is(words.size, new Set(words.tokens).size);
    assert.equal(words.encode("the cat and the dog"), [3, 2, 1, 3, words.number("dog")]);
    assert.is(words.decode([3, 2, 1, 0, 0]), "the cat <unk>");
  });

  test("characters", () => {
    const characters = new data.CharTokenizer(["hé🙂h"], { specials: ["<start>"] });
    assert.equal(characters.tokens, ["<pad>", "<unk>", "<start>", "h", "é", "🙂"]);
    assert.is(characters.decode(characters.encode("🙂hé")), "🙂hé");
  });

  test("rare tokens are unknown", () => {
    const texts = ["a a a b b c"];
    assert.equal(new data.WordTokenizer(texts, { minFrequency: 2 }).tokens.slice(2), ["a", "b"]);
    assert.equal(new data.WordTokenizer(texts, { maxSize: 3 }).tokens.slice(2), ["a"]);
    fails(
      () => new data.WordTokenizer(texts, { minFreq: 2 } as never),
      OptionError,
      'WordTokenizer: option "minFreq" is not known; did you mean "minFrequency"?',
    );
    fails(
      () => new data.CharTokenizer(texts, { specials: ["<pad>"] }),
      DataError,
      "CharTokenizer: a special token stands twice",
    );
  });
});

suite("padSequences", (test) => {
  test("fills up, cuts off, and tells by a mask", () => {
    const { ids, mask, lengths } = data.padSequences([[1, 2, 3], [4], []]);
    assert.equal(ids.toArray(), [
      [1, 2, 3],
      [4, 0, 0],
      [0, 0, 0],
    ]);
    assert.equal(mask.toArray(), [
      [1, 1, 1],
      [1, 0, 0],
      [0, 0, 0],
    ]);
    assert.equal(lengths.toArray(), [3, 1, 0]);
    const left = data.padSequences([[1, 2, 3], [4]], { length: 2, side: "left", value: -1 });
    assert.equal(left.ids.toArray(), [
      [1, 2],
      [-1, 4],
    ]);
    assert.equal(left.mask.toArray(), [
      [1, 1],
      [0, 1],
    ]);
  });

  test("says what is wrong", () => {
    fails(() => data.padSequences([]), DataError, "padSequences: there are no sequences");
    fails(() => data.padSequences([[1], [1.5]]), DataError, "padSequences: number 0 of sequence 1 is 1.5");
  });
});
