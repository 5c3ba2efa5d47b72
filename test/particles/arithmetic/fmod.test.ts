import { DtypeError, ShapeError } from "../../../src/errors.ts";
import { fmod, fmodParticle, tensor, zeros } from "../../../src/index.ts";
import { bits, ulp } from "../../helpers/compare.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { broadcastable, broadcasts, lengths } from "../../helpers/shapes.ts";
import { everySize } from "../../helpers/sweep.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(
  fmodParticle,
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
        output: [2, -2, 2, -2, 3, -0],
        grad: [1, 1, 1, 1, 1, 1],
        gradients: { input: [1, 1, 1, 1, 1, 1], other: [-1, 1, 1, -1, -0, 0] },
      },
      { inputs: { input: [infinity, 1, nan, 1], other: [2, 0, 1, nan] }, output: [nan, nan, nan, nan] },
      { inputs: { input: [3e38, 2 ** 100, 1], other: [2 ** -140, 7, 2 ** -149] }, output: [0, 2, 0] },
    ],
    errors: [
      [
        () => fmod(zeros([2, 3]), zeros([4])),
        ShapeError,
        "fmod: sizes 3 and 4 at axis -1 do not match (input [2, 3], other [4]); they must be equal, or one of them 1",
      ],
      [
        () => fmod(zeros([2]), zeros([2], { dtype: "int32" })),
        DtypeError,
        'fmod: other must be float32, got int32 (other [2]); convert it with to("float32")',
      ],
    ],
  },
  (test) => {
    test("numbers are scalars", () => {
      const one = tensor([5, -5]);
      bits(fmod(one, 3), fmod(one, tensor([3, 3])).data);
      bits(fmod(3, one), fmod(tensor([3, 3]), one).data);
    });
    test("pairs of every size are within 0.5 ulp", () => {
      const one = everySize(64);
      const other = Float32Array.from(one, (_, index) => one[(index * 7919 + 13) % one.length]!);
      const at = { input: { shape: [one.length], data: one }, other: { shape: [one.length], data: other } };
      ulp(fmod(tensor(one), tensor(other)).data, fmodParticle.definition(at, undefined), 0.5);
    });
  },
);
