import { DtypeError, ShapeError } from "../../../src/errors.ts";
import { full, pow, powParticle, sum, type Tensor, tensor, zeros } from "../../../src/index.ts";
import { bits, ulp } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { broadcastable, broadcasts, lengths } from "../../helpers/shapes.ts";
import { everySize } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  powParticle,
  {
    samples: broadcastable(2).map(([input, exponent]) => ({ inputs: { input: input!, exponent: exponent! } })),
    always: [
      ...lengths.map((length) => ({ inputs: { input: [length], exponent: [length] } })),
      ...broadcasts.map(([input, exponent]) => ({ inputs: { input, exponent } })),
    ],
    large: [
      { inputs: { input: [300, 1001], exponent: [300, 1001] } },
      { inputs: { input: [300, 1001], exponent: [1001] } },
      { inputs: { input: [300, 1], exponent: [1001] } },
    ],
    accuracy: { ulp: 1.5 },
    range: { input: [0.2, 4], exponent: [-3, 3] },
    special: [
      {
        inputs: { input: [1, 2, 3, 4], exponent: 2 },
        output: [1, 4, 9, 16],
        grad: [1, 1, 1, 1],
        gradients: {
          input: [2, 4, 6, 8],
          exponent: { shape: [], data: [2 ** 2 * Math.log(2) + 3 ** 2 * Math.log(3) + 4 ** 2 * Math.log(4)] },
        },
      },
      { inputs: { input: [nan, infinity, 0, -3, 1e-45], exponent: 0 }, output: [1, 1, 1, 1, 1] },
      { inputs: { input: [1, 1, -1, -1], exponent: [nan, infinity, infinity, -infinity] }, output: [1, 1, 1, 1] },
      {
        inputs: { input: [-1, -8, -2, -2, -0, -0, 0], exponent: [0.5, 0.25, 3, -3, 3, -1, -2] },
        output: [nan, nan, -8, -0.125, -0, -infinity, infinity],
      },
      {
        inputs: {
          input: [2, 0.5, 2, 0.5, -infinity, -infinity],
          exponent: [infinity, infinity, -infinity, -infinity, 3, 2],
        },
        output: [infinity, 0, 0, infinity, -infinity, infinity],
      },
      {
        inputs: { input: [5, 7, 11, 13, 10, 2, 2, 2], exponent: [3, 3, 4, 5, 10, -149, 127, -1] },
        output: [125, 343, 14641, 371293, 10000000000, 1.401298464324817e-45, 1.7014118346046923e38, 0.5],
      },
      {
        inputs: { input: [0, 0, -2], exponent: [0, 2, 0] },
        output: [1, 0, 1],
        grad: [1, 1, 1],
        gradients: { input: [0, 0, 0], exponent: [0, 0, nan] },
      },
    ],
    errors: [
      [
        () => pow(zeros([2, 3]), zeros([4])),
        ShapeError,
        "pow: sizes 3 and 4 at axis -1 do not match (input [2, 3], exponent [4]); they must be equal, or one of them 1",
      ],
      [
        () => pow(zeros([2]), zeros([2], { dtype: "int32" })),
        DtypeError,
        'pow: exponent must be float32, got int32 (exponent [2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("exponents 2, 3, ½ and −1 round as x·x, x·x·x, √x and 1/x", () => {
      const x = tensor(everySize(16));
      for (const [e, f] of [
        [2, (v: number) => v * v],
        [3, (v: number) => Math.fround(v * v) * v],
        [0.5, Math.sqrt],
        [-1, (v: number) => 1 / v],
      ] as const) {
        bits(pow(x, e), Float32Array.from(x.data, f), `x to the power of ${e}`);
        bits(pow(x, tensor(x.data.slice().fill(e))).data, Float32Array.from(x.data, f), `x to the power of many ${e}`);
      }
    });
    test("their gradients are those of many such exponents, but for one rounding", () => {
      const values = Float32Array.of(...everySize(16), 0, -0, infinity, -infinity, nan);
      const slopes = (exponent: (size: number) => Tensor | number) => {
        const x = tensor(values, { requiresGrad: true });
        sum(pow(x, exponent(x.size))).backward();
        return x.grad!.data;
      };
      for (const e of [2, 3, 0.5, -1]) {
        ulp(
          slopes(() => e),
          Float64Array.from(slopes((size) => full([size], e))),
          1,
        );
      }
    });
    test("powers of every size are within 1.5 ulp", () => {
      const bases = everySize(64);
      const exponents = Float32Array.from(bases, (_, index) => [1.7, -0.3, 5, 0.01, -7, 33.3, 1e5, -1000][index % 8]!);
      const expected = powParticle.definition(
        { input: { shape: [bases.length], data: bases }, exponent: { shape: [bases.length], data: exponents } },
        undefined,
      );
      ulp(pow(tensor(bases), tensor(exponents)).data, expected, 1.5);
    });
  },
);
