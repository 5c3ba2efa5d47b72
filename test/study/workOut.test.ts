import * as assert from "uvu/assert";
import { addParticle, conv2dParticle, maxPool2dParticle, softmaxParticle, study } from "../../src/index.ts";
import { particles } from "../../src/particles/list.ts";
import { suite } from "../helpers/suite.ts";

suite("workOut", (test) => {
  for (const particle of particles) {
    test(`${particle.name}: the kernels give what the definition gives, backward what differences give`, () => {
      const { output, defined, arithmetic, reads, gradients } = study.workOut(particle);
      assert.is(output.data.length, defined.length);
      assert.is(arithmetic.length, defined.length);
      near(output.data, defined, "output");
      for (const [port, { backward, difference }] of Object.entries(gradients)) near(backward, difference, port);
      assert.is(
        Object.values(reads).some((lists) => lists.some((list) => list.length > 0)),
        true,
        "no output reads anything",
      );
    });
  }

  test("says which elements a convolution reads", () => {
    const { reads } = study.workOut(conv2dParticle);
    assert.equal(reads.input, [
      [0, 1, 3, 4],
      [1, 2, 4, 5],
      [3, 4, 6, 7],
      [4, 5, 7, 8],
    ]);
  });

  test("says which window a pool reads, not only its winner", () => {
    const { reads, gradients } = study.workOut(maxPool2dParticle);
    assert.equal(reads.input, [
      [0, 1, 4, 5],
      [2, 3, 6, 7],
    ]);
    assert.equal(gradients.input!.terms[5], [{ output: 0, slope: 1 }]);
    assert.equal(gradients.input!.terms[0], []);
  });

  test("takes other numbers, other attributes and another gradient that arrives", () => {
    const inputs = {
      input: [
        [
          [1, 2, 3],
          [4, 5, 6],
          [7, 8, 9],
        ],
      ],
    };
    const { output, gradients } = study.workOut(maxPool2dParticle, {
      inputs,
      attributes: { stride: 1 },
      grad: [1, 2, 3, 4],
    });
    assert.equal([...output.data], [5, 6, 8, 9]);
    assert.equal([...gradients.input!.backward], [0, 0, 0, 0, 1, 2, 0, 3, 4]);
  });

  test("counts the gradients that arrive where ones cancel out", () => {
    assert.equal([...study.workOut(softmaxParticle).grad], [1, 2, 3]);
    assert.equal([...study.workOut(addParticle).grad], [1, 1, 1, 1]);
  });

  test("follows as many elements as it is told to", () => {
    const inputs = { input: Array.from({ length: 65 }, (_, index) => index) };
    const softmax: typeof softmaxParticle = { ...softmaxParticle, arithmetic: () => inputs.input.map(() => "1") };
    assert.throws(
      () => study.workOut(softmax, { inputs }),
      "softmax: 65 elements are too many to follow one by one; give at most 64",
    );
    assert.is(study.workOut(softmax, { inputs, most: 65 }).output.data.length, 65);
  });
});

function near(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  for (let at = 0; at < expected.length; at++) {
    const [a, b] = [actual[at]!, expected[at]!];
    const same = Object.is(a, b) || Math.abs(a - b) <= 2e-5 * (1 + Math.abs(b));
    assert.ok(same, `element ${at} of ${what} is ${a}, not ${b}`);
  }
}
