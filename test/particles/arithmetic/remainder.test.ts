import { DtypeError, ShapeError } from "../../../src/errors.ts";
import { remainder, remainderParticle, tensor, zeros } from "../../../src/index.ts";
import { bits, ulp } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { broadcastable, broadcasts, lengths } from "../../helpers/shapes.ts";
import { everySize } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  remainderParticle,
  {
    samples: broadcastable(2).map(([input, other]) => ({ inputs: { input: input!, other: other! } })),
    always: [
      ...lengths.map((length) => ({ inputs: { input: [length], other: [length] } })),
      ...broadcasts.map(([input, other]) => ({ inputs: { input, other } })),
    ],
    large: [
      { inputs: { input: [300, 1001], other: [300, 1001] } },
      { inputs: { input: [300, 1001], other: [1001] } },
      { inputs: { input: [300, 1], other: [1001] } },
    ],
    accuracy: "exact",
    range: { input: [5.2, 5.6], other: [2, 2.2] },
    special: [
      {
        inputs: { input: [5, -5, 5, -5, 3, -0], other: [3, 3, -3, -3, infinity, 2] },
        output: [2, 1, -1, -2, 3, -0],
        grad: [1, 1, 1, 1, 1, 1],
        gradients: { input: [1, 1, 1, 1, 1, 1], other: [-1, 2, 2, -1, -0, 0] },
      },
      { inputs: { input: [-3, infinity, 1, nan], other: [infinity, 2, 0, 1] }, output: [infinity, nan, nan, nan] },
    ],
    errors: [
      [
        () => remainder(zeros([2, 3]), zeros([4])),
        ShapeError,
        "remainder: sizes 3 and 4 at axis -1 do not match (input [2, 3], other [4]); they must be equal, or one of them 1",
      ],
      [
        () => remainder(zeros([2]), zeros([2], { dtype: "int32" })),
        DtypeError,
        'remainder: other must be float32, got int32 (other [2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers are scalars", () => {
      const one = tensor([5, -5]);
      bits(remainder(one, 3), remainder(one, tensor([3, 3])).data);
      bits(remainder(3, one), remainder(tensor([3, 3]), one).data);
    });
    test("pairs of every size are within 0.5 ulp", () => {
      const one = everySize(64);
      const other = Float32Array.from(one, (_, index) => one[(index * 7919 + 13) % one.length]!);
      const at = { input: { shape: [one.length], data: one }, other: { shape: [one.length], data: other } };
      ulp(remainder(tensor(one), tensor(other)).data, remainderParticle.definition(at, undefined), 0.5);
    });
  },
);
