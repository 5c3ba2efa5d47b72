import { DtypeError, ShapeError } from "../../../src/errors.ts";
import { atan2, atan2Particle, tensor, zeros } from "../../../src/index.ts";
import { bits, ulp } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { broadcastable, broadcasts, lengths } from "../../helpers/shapes.ts";
import { everySize } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  atan2Particle,
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
    accuracy: { ulp: 1 },
    range: { input: [0.3, 2], other: [-2, 2] },
    special: [
      {
        inputs: { input: [0, 0, -0, -0, infinity, infinity, 1], other: [0, -0, 0, -0, infinity, -infinity, 0] },
        output: [0, Math.PI, -0, -Math.PI, Math.PI / 4, (3 * Math.PI) / 4, Math.PI / 2],
      },
      {
        inputs: { input: [0, 1, 0, nan], other: [0, 0, 1, 1] },
        output: [0, Math.PI / 2, 0, nan],
        grad: [1, 1, 1, 1],
        gradients: { input: [0, 0, 1, nan], other: [-0, -1, -0, nan] },
      },
    ],
    errors: [
      [
        () => atan2(zeros([2, 3]), zeros([4])),
        ShapeError,
        "atan2: sizes 3 and 4 at axis -1 do not match (input [2, 3], other [4]); they must be equal, or one of them 1",
      ],
      [
        () => atan2(zeros([2]), zeros([2], { dtype: "int32" })),
        DtypeError,
        'atan2: other must be float32, got int32 (other [2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers are scalars", () => {
      const one = tensor([5, -5]);
      bits(atan2(one, 3), atan2(one, tensor([3, 3])).data);
      bits(atan2(3, one), atan2(tensor([3, 3]), one).data);
    });
    test("pairs of every size are within 1 ulp", () => {
      const one = everySize(64);
      const other = Float32Array.from(one, (_, index) => one[(index * 7919 + 13) % one.length]!);
      const at = { input: { shape: [one.length], data: one }, other: { shape: [one.length], data: other } };
      ulp(atan2(tensor(one), tensor(other)).data, atan2Particle.definition(at, undefined), 1);
    });
  },
);
