/** The public suite: a right particle passes, and each of its checks fails for a particle that is wrong on purpose. */
import * as assert from "uvu/assert";
import { threadCount } from "../../src/engine/threads.ts";
import { crossEntropyParticle, QuarkError, reluParticle, ShapeError, study, tensor } from "../../src/index.ts";
import {
  backwardAnd,
  forwardAnd,
  large,
  type Options,
  options,
  type Scale,
  scale,
  titles,
  view,
} from "../helpers/scale.ts";
import { suite } from "../helpers/suite.ts";

suite("conformance", (test) => {
  test("reports every check of a right particle as passed", async () => {
    const report = await study.conformance(scale, { ...options, ...large });
    assert.equal(report, { particle: "scale", ok: true, checks: titles.map((title) => ({ title, ok: true })) });
  });

  test("takes the example where there are no samples", async () => {
    const { ok, checks } = await study.conformance(scale);
    assert.ok(ok);
    assert.is(checks.length, 5);
    const { example, ...bare } = scale;
    assert.throws(() => study.conformanceChecks(bare as Scale), /^scale: there is no example to try; give samples$/);
  });

  test("holds the particles of the library to the same", async () => {
    await study.assertConformance(reluParticle, { accuracy: "exact", avoid: [0], documented: true });
    await study.assertConformance(crossEntropyParticle, { plantIn: [], range: [-4, 4], documented: true });
  });

  /** What faulty particles leave behind. */
  const hoard: { dispose(): void }[] = [];

  /** In which check a fault shows, and what is said of it. */
  const finds = (fault: string, wrong: Partial<Scale>, title: (typeof titles)[number], detail: RegExp, own?: Options) =>
    test(`finds ${fault}`, async () => {
      const { ok, checks } = await study.conformance({ ...scale, ...wrong } as Scale, { ...options, ...own });
      for (const one of hoard.splice(0)) one.dispose();
      const found = checks.find((check) => check.title === title);
      assert.not(ok);
      assert.ok(found && !found.ok, `${title} passes`);
      assert.match(found.detail!, detail);
    });

  const [forward, gradients, repeats, , exhaustion, batch, threads, special, refused, documented] = titles;

  finds(
    "a wrong output",
    { forward: forwardAnd(({ output }) => void view(output).fill(7)) },
    forward,
    /sample 0: .*\n.*output/,
  );
  finds(
    "an element that is never written",
    { forward: ({ output }) => void view(output).subarray(1).fill(0) },
    forward,
    /got NaN/,
  );
  finds(
    "a shape rule that gives another shape",
    { shape: ({ input }) => [...input, 1] },
    special,
    /got shape \[1, 2, 1\], expected \[1, 2\]/,
  );
  finds(
    "a shape that the definition does not fill",
    { definition: (at, attributes) => Array.from(scale.definition(at, attributes)).slice(1) },
    forward,
    /got 12 elements, expected 11/,
  );
  finds(
    "a changed input",
    { forward: forwardAnd(({ factor }) => void view(factor).fill(1)) },
    forward,
    /factor, which is only to be read/,
  );
  finds(
    "a special value that is treated otherwise",
    { forward: forwardAnd(({ output }) => void view(output).set(view(output).map((y) => (Number.isNaN(y) ? 0 : y)))) },
    forward,
    /got 0, expected NaN/,
    { seeds: 20 },
  );
  let runs = 0;
  finds(
    "bits that change from run to run",
    {
      forward: forwardAnd(
        ({ output }) => void view(output).set(view(output).map((y) => y * (1 + (runs++ % 2) * 2 ** -23))),
      ),
    },
    forward,
    /computed again/,
    { samples: [{ inputs: { input: [1, 1], factor: [1] } }], exactIntegers: false, special: [] },
  );
  finds("a leak", { forward: forwardAnd(() => void hoard.push(tensor([1]).keep())) }, forward, /it leaks: \d+ blocks/);
  finds("a negative cost", { cost: () => ({ flops: -1, bytes: 0 }) }, forward, /cost: got -1 flops/);

  finds(
    "a wrong gradient",
    { backward: backwardAnd((_, { factor }) => void (factor && view(factor).fill(3))) },
    gradients,
    /gradient of factor: \d of 4/,
  );
  finds(
    "a gradient that is not there",
    { backward: (at, { input }) => scale.backward!(at, input ? { input } : {}, undefined) },
    gradients,
    /gradient of factor.*\n.*got NaN/,
  );
  finds(
    "a gradient that differs where it is wanted alone",
    { backward: backwardAnd((_, { input, factor }) => void (factor && !input && view(factor).fill(3))) },
    gradients,
    /gradient of factor where factor want one/,
    { seeds: 8 },
  );
  finds(
    "a gradient that changes what backward may only read",
    { backward: backwardAnd(({ factor }) => void view(factor).fill(1)) },
    gradients,
    /factor, which is only to be read/,
  );
  let walks = 0;
  finds(
    "a gradient that differs from walk to walk",
    {
      backward: backwardAnd(
        (_, { input }) => void (input && view(input).set(view(input).map((dx) => dx * (1 + (walks++ % 2) * 2 ** -23)))),
      ),
    },
    repeats,
    /after a second backward/,
    { exactIntegers: false, samples: [{ inputs: { input: [1, 3], factor: [3] } }] },
  );
  finds(
    "a gradient where none arrives",
    { backward: backwardAnd((_, { input }) => void (input && view(input).set(view(input).map((dx) => dx + 1e-30)))) },
    repeats,
    /where zeros arrive/,
  );
  const { backward: _, ...oneWay } = scale;
  test("finds no gradient where the particle has no backward", async () => {
    const { ok, checks } = await study.conformance(oneWay as Scale, { samples: options.samples!, accuracy: "sums" });
    assert.ok(ok);
    assert.is(checks[1]!.title, "no gradient flows");
  });

  finds(
    "what stays when memory runs out",
    {
      forward(at, attributes) {
        const scratch = tensor([1]).keep();
        hoard.push(scratch);
        const second = tensor([2]);
        scale.forward(at, attributes);
        second.dispose();
        scratch.dispose();
      },
    },
    exhaustion,
    /1 blocks stay after allocation 3 failed/,
  );

  finds(
    "a sample that depends on its batch",
    {
      forward: forwardAnd(
        ({ output }) => void (output.shape[0]! > 1 && view(output).set(view(output).map((y) => y * (1 + 2 ** -23)))),
      ),
    },
    batch,
    /sample 0 of 3 alone/,
    { exactIntegers: false },
  );
  finds(
    "bits that depend on the threads",
    { forward: forwardAnd(({ output }) => void (threadCount() > 1 && view(output).fill(0))) },
    threads,
    /large sample 0, output by three threads/,
    large,
  );
  finds("a wrong row", {}, special, /row 0\n.*output/, {
    special: [{ inputs: { input: [[1, 2]], factor: [3, 4] }, output: [[3, 9]] }],
  });
  finds("a wrong gradient in a row", {}, special, /row 0\n.*gradient of factor/, {
    special: [
      { inputs: { input: [[1, 2]], factor: [3, 4] }, output: [[3, 8]], grad: [[1, 1]], gradients: { factor: [1, 3] } },
    ],
  });
  finds(
    "an input that is not refused",
    { shape: ({ input }) => input },
    refused,
    /no error was thrown; expected ShapeError/,
  );
  finds("another class of error", {}, refused, /got ShapeError: .*\nexpected QuarkError/, {
    refuses: [{ inputs: { input: [2, 3], factor: [2] }, error: QuarkError }],
  });
  finds("another message", {}, refused, /expected ShapeError: \/rows\//, {
    refuses: [{ inputs: { input: [2, 3], factor: [2] }, error: ShapeError, message: /rows/ }],
  });
  finds(
    "an error that comes after memory was taken",
    {
      shape: ({ input }) => input,
      forward(at, attributes) {
        scale.shape({ input: at.input.shape, factor: at.factor.shape }, undefined);
        scale.forward(at, attributes);
      },
    },
    refused,
    /1 blocks were asked for before it threw: scale: 3 columns/,
  );
  finds(
    "a summary that is no sentence",
    { summary: "scales" },
    documented,
    /the summary must be a sentence, got "scales"/,
  );
  finds(
    "an example that fails",
    { example: { inputs: { input: [[1, 2]], factor: [3] } } },
    documented,
    /2 columns, but 1 factors/,
  );

  test("throws one error that names every failure", async () => {
    const wrong: Scale = {
      ...scale,
      summary: "scales",
      backward: backwardAnd((_, { input }) => void (input && view(input).fill(3))),
    };
    let message = "";
    await study.assertConformance(wrong, options).catch((error: Error) => {
      assert.instance(error, QuarkError);
      message = error.message;
    });
    assert.match(
      message,
      /^scale: 3 of 9 checks of conformance failed\n\ngradients equal[\s\S]*\n\ngradients accumulate[\s\S]*\n\nit is documented\n {2}the summary/,
    );
  });
});
