/** What a description derives, against particles that are wrong on purpose: each fault must be found. */

import fc from "fast-check";
import * as assert from "uvu/assert";
import { apply } from "../src/core/apply.ts";
import { tensor } from "../src/core/creation.ts";
import type { Block, Particle } from "../src/core/particle.ts";
import { sizeOf } from "../src/core/shape.ts";
import { engine } from "../src/engine/module.ts";
import { threadCount } from "../src/engine/threads.ts";
import { ShapeError } from "../src/errors.ts";
import { type Description, particleChecks } from "./helpers/particleChecks.ts";
import { lengths } from "./helpers/shapes.ts";
import { suite } from "./helpers/suite.ts";

type Dot = Particle<{ a: 1; b: 1 }, undefined, "a" | "b">;

const view = ({ ptr, size }: Pick<Block, "ptr" | "size">) => new Float32Array(engine().memory.buffer, ptr, size);

/** y[n] = Σ k  a[n,k]·b[k], without a kernel: what is tested here is the test. */
const dot: Dot = {
  name: "dot",
  formula: "y[n] = Σ k  a[n,k]·b[k]",
  keeps: ["a", "b"],
  shape({ a, b }) {
    if (a[1] !== b[0]) throw new ShapeError(`dot: lengths differ, ${a[1]} and ${b[0]}`);
    return [a[0]!];
  },
  forward({ a, b, output }) {
    const [x, w, y] = [view(a), view(b), view(output)];
    for (let n = 0; n < y.length; n++) {
      let sum = 0;
      for (let k = 0; k < w.length; k++) sum = Math.fround(sum + Math.fround(x[n * w.length + k]! * w[k]!));
      y[n] = sum;
    }
  },
  backward({ a, b, grad }, into) {
    const [x, w, dy] = [view(a), view(b), view(grad)];
    if (into.a) view(into.a).set(Float32Array.from(x, (_, at) => dy[Math.floor(at / w.length)]! * w[at % w.length]!));
    if (!into.b) return;
    const dw = view(into.b).fill(0);
    for (let at = 0; at < x.length; at++) dw[at % w.length]! += x[at]! * dy[Math.floor(at / w.length)]!;
  },
  cost: ({ a }) => ({ flops: 2 * sizeOf(a), bytes: 4 * sizeOf(a) }),
  definition({ a, b }) {
    const length = b.shape[0]!;
    return Array.from({ length: a.shape[0]! }, (_, n) => {
      let sum = 0;
      for (let k = 0; k < length; k++) sum += a.data[n * length + k]! * b.data[k]!;
      return sum;
    });
  },
};

const description: Description<{ a: 1; b: 1 }, undefined> = {
  samples: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 200 })).map(([n, k]) => ({
    inputs: { a: [n, k], b: [k] },
  })),
  always: lengths.map((k) => ({ inputs: { a: [2, k], b: [k] } })),
  accuracy: "sums",
  batch: ["a"],
  special: [{ inputs: { a: [[1, 2]], b: [3, 4] }, output: [11], grad: [1], gradients: { a: [[3, 4]], b: [1, 2] } }],
  errors: [[() => dot.shape({ a: [1, 2], b: [3] }, undefined), ShapeError, "dot: lengths differ, 2 and 3"]],
  cases: 60,
};

function raise(error: Error): never {
  throw error;
}

const large = [{ inputs: { a: [30, 100], b: [100] } }];

async function failuresOf(particle: Dot, described = description): Promise<string[]> {
  const failures: string[] = [];
  for (const [title, body] of particleChecks(particle, described)) {
    try {
      await body();
    } catch (error) {
      failures.push(`${title}: ${(error as Error).message}`);
    }
  }
  return failures;
}

suite("particleTest", (test) => {
  test("a right particle passes", async () => assert.equal(await failuresOf(dot, { ...description, large }), []));

  const finds = (fault: string, particle: Partial<Dot>, message: RegExp, described?: Partial<typeof description>) =>
    test(`finds ${fault}`, async () => {
      const failures = await failuresOf({ ...dot, ...particle }, { ...description, ...described });
      assert.ok(failures.length > 0, "nothing was found");
      assert.match(failures.join("\n"), message);
    });

  finds(
    "an element that is never written",
    {
      forward(at, attributes) {
        dot.forward({ ...at, output: { ...at.output, size: at.output.size - 1 } }, attributes);
      },
    },
    /^forward equals its definition: [\s\S]*got NaN/,
  );
  finds(
    "a tap that is dropped once in 200",
    {
      forward(at, attributes) {
        const b = at.b.size === 200 ? { ...at.b, size: 199 } : at.b;
        if (b === at.b || at.a.shape[0] !== 1) dot.forward(at, attributes);
        else dot.forward({ ...at, b }, attributes);
      },
    },
    /^forward equals its definition: dot, listed sample 33: a \[1, 200\]/,
    { always: [...description.always!, { inputs: { a: [1, 200], b: [200] } }] },
  );
  finds(
    "a result that is less accurate than a sum",
    {
      forward(at, attributes) {
        dot.forward(at, attributes);
        view(at.output).set(view(at.output).map((value) => value * (1 + 1e-5)));
      },
    },
    /times what is allowed/,
  );
  finds(
    "an input that is written",
    {
      forward(at, attributes) {
        dot.forward(at, attributes);
        view(at.b)[0]! += 1;
      },
    },
    /b, which is only to be read/,
  );
  finds(
    "a write to a block that is not there",
    {
      forward(at, attributes) {
        dot.forward(at, attributes);
        view({ ptr: 0, size: 1 })[0]! += 1;
      },
    },
    /the module's own data/,
  );
  finds(
    "a write to a gradient that nobody wants",
    {
      backward(at, into, attributes) {
        dot.backward!(at, into, attributes);
        if (!into.b) view({ ptr: 64, size: 1 })[0]! += 1;
      },
    },
    /the module's own data/,
  );
  finds(
    "a wrong gradient",
    { backward: (at, into, attributes) => dot.backward!({ ...at, a: { ...at.a, ptr: at.b.ptr } }, into, attributes) },
    /gradient of b: \d+ of/,
  );
  finds(
    "a gradient that is not there",
    { backward: (at, { a }, attributes) => dot.backward!(at, a ? { a } : {}, attributes) },
    /gradient of b[\s\S]*got NaN/,
  );
  finds(
    "a gradient that changes when it is wanted alone",
    {
      backward(at, into, attributes) {
        dot.backward!(at, into, attributes);
        if (into.b && !into.a) view(into.b)[0]! += 1e-6;
      },
    },
    /gradient of b where b want one/,
  );
  finds(
    "a gradient that is added to what is there",
    {
      backward(at, into, attributes) {
        dot.backward!(at, into, attributes);
        if (into.b) view(into.b)[0]! += view({ ptr: into.b.ptr + into.b.storage.bytes - 4, size: 1 })[0]!;
      },
    },
    /gradient of b/,
  );
  finds(
    "bits that depend on the batch",
    {
      forward(at, attributes) {
        dot.forward(at, attributes);
        if (at.a.shape[0]! > 1) view(at.output)[0]! *= 1 + 2 ** -23;
      },
    },
    /sample 0 of \d alone/,
  );
  finds(
    "bits that depend on the number of threads",
    {
      forward(at, attributes) {
        dot.forward(at, attributes);
        if (threadCount() > 1) view(at.output)[7]! *= 1 + 2 ** -23;
      },
    },
    /large sample 0, output by three threads: 1 of 30 elements differ/,
    { large },
  );
  finds("a wrong row of the table", {}, /row 0\n[\s\S]*got 11, expected 12/, {
    special: [{ inputs: { a: [[1, 2]], b: [3, 4] }, output: [12] }],
  });
  finds("a wrong gradient in the table", {}, /row 0\n[\s\S]*gradient of b/, {
    special: [{ inputs: { a: [[1, 2]], b: [3, 4] }, output: [11], grad: [1], gradients: { b: [2, 2] } }],
  });
  const wrong = () => dot.shape({ a: [1, 2], b: [3] }, undefined);
  finds("another message", {}, /got ShapeError: dot: lengths differ, 2 and 3\nexpected ShapeError: dot: no/, {
    errors: [[wrong, ShapeError, "dot: no"]],
  });
  finds("another class of error", {}, /expected RangeError/, {
    errors: [[wrong, RangeError, "dot: lengths differ, 2 and 3"]],
  });
  finds("no error at all", {}, /no error was thrown/, { errors: [[() => 1, ShapeError, "dot: lengths differ"]] });
  const late = { ...dot, forward: () => raise(new ShapeError("late")) } as Dot;
  finds("an error that comes late", {}, /dot had taken memory when it threw: late/, {
    errors: [[() => apply(late, { a: tensor([[1]]), b: tensor([1]) }, undefined), ShapeError, "late"]],
  });
  finds("a gradient where there should be none", { keeps: [] }, /./);
  finds("a negative cost", { cost: () => ({ flops: -1, bytes: 0 }) }, /cost: got -1 flops/);

  test("a failure says how to repeat it", async () => {
    const forward: Dot["forward"] = ({ output }) => view(output).fill(7);
    const [failure] = await failuresOf({ ...dot, forward }, { ...description, always: [] });
    assert.match(
      failure!,
      /dot, case \d+ of 60, made smaller: a \[1, 1\], b \[1\], filled with \w+ by seed \d+\nagain with: SEED=-?\d+ CASES=60 npm test -- dot\nMismatch: output: /,
    );
  });
});
