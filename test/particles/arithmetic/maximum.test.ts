import { DtypeError, ShapeError } from "../../../src/errors.ts";
import { maximum, maximumParticle, zeros } from "../../../src/index.ts";
import { particleTest } from "../../helpers/particleTest.ts";
import { broadcastable, broadcasts, lengths } from "../../helpers/shapes.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

particleTest(maximumParticle, {
  samples: broadcastable(2).map(([a, b]) => ({ inputs: { a: a!, b: b! } })),
  always: [
    ...lengths.map((length) => ({ inputs: { a: [length], b: [length] } })),
    ...broadcasts.map(([a, b]) => ({ inputs: { a, b } })),
  ],
  large: [
    { inputs: { a: [300, 1001], b: [300, 1001] } },
    { inputs: { a: [300, 1001], b: [1001] } },
    { inputs: { a: [300, 1], b: [1001] } },
  ],
  accuracy: "exact",
  distinct: true,
  special: [
    {
      inputs: { a: [1, 5, 3], b: [4, 2, 3] },
      output: [4, 5, 3],
      grad: [1, 1, 1],
      gradients: { a: [0, 1, 0.5], b: [1, 0, 0.5] },
    },
    {
      inputs: { a: [nan, 1, -0, 0, -infinity], b: [1, nan, 0, -0, -infinity] },
      output: [nan, nan, 0, 0, -infinity],
      grad: [2, 2, 2, 2, 2],
      gradients: { a: [2, 2, 1, 1, 1], b: [2, 2, 1, 1, 1] },
    },
  ],
  errors: [
    [
      () => maximum(zeros([2, 3]), zeros([4])),
      ShapeError,
      "maximum: sizes 3 and 4 at axis -1 do not match (a [2, 3], b [4]); they must be equal, or one of them 1",
    ],
    [
      () => maximum(zeros([2]), zeros([2], { dtype: "int32" })),
      DtypeError,
      'maximum: b must be float32, got int32 (b [2]); convert it with to("float32")',
    ],
  ],
});
