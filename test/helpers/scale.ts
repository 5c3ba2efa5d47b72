/** A particle without kernels, what is claimed of it, and the checks that follow from that. */
import type { Block } from "../../src/core/particle.ts";
import { blockData, type Particle, ShapeError, type study } from "../../src/index.ts";

export type Scale = Particle<{ input: 1; factor: 1 }, undefined, "input" | "factor">;

export const view = (block: Pick<Block, "dtype" | "ptr" | "size">) => blockData(block) as Float32Array;
const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/** y[n, c] = x[n, c] · f[c], where f is broadcast over the rows. */
export const scale: Scale = {
  name: "scale",
  summary: "Multiplies each column by a factor of its own.",
  formula: "y[n,c] = x[n,c]·f[c]",
  example: { inputs: { input: [[1, 2]], factor: [3, 4] } },
  keeps: ["input", "factor"],
  shape({ input, factor }) {
    if (input.length !== 2 || factor.length !== 1 || input[1] !== factor[0]) {
      throw new ShapeError(`scale: ${input.at(-1)} columns, but ${factor[0]} factors`);
    }
    return input;
  },
  forward({ input, factor, output }) {
    const [x, f] = [view(input), view(factor)];
    view(output).set(x.map((value, at) => value * f[at % f.length]!));
  },
  backward({ input, factor, grad }, into) {
    const [x, f, dy] = [view(input), view(factor), view(grad)];
    if (into.input) view(into.input).set(dy.map((value, at) => value * f[at % f.length]!));
    if (!into.factor) return;
    const df = view(into.factor).fill(0);
    dy.forEach((value, at) => {
      df[at % df.length]! += value * x[at]!;
    });
  },
  cost: ({ input }) => ({ flops: sizeOf(input), bytes: 8 * sizeOf(input) }),
  definition: ({ input, factor }) => Array.from(input.data, (x, at) => x * factor.data[at % factor.data.length]!),
};

export type Options = study.ConformanceOptions<{ input: 1; factor: 1 }, undefined>;

export const options: Options = {
  samples: [{ inputs: { input: [3, 4], factor: [4] } }, { inputs: { input: [0, 2], factor: [2] } }],
  accuracy: "sums",
  batch: ["input"],
  special: [
    { inputs: { input: [[1, 2]], factor: [3, 4] }, output: [[3, 8]], grad: [[1, 1]], gradients: { factor: [1, 2] } },
  ],
  refuses: [{ inputs: { input: [2, 3], factor: [2] }, error: ShapeError, message: "scale: 3 columns, but 2 factors" }],
  documented: true,
};

export const large: Options = { large: [{ inputs: { input: [20, 20], factor: [20] } }] };

export const titles = [
  "forward equals its definition",
  "gradients equal differences of the definition",
  "gradients accumulate, repeat and vanish with the gradient that arrives",
  "backward reads nothing of the caller's",
  "running out of memory at any point leaves nothing behind",
  "a sample's bits do not depend on its batch",
  "the bits do not depend on the number of threads",
  "1 rows of special values",
  "1 inputs that are refused",
  "it is documented",
] as const;

/** The particle's forward, and what a fault adds to it. */
export const forwardAnd =
  (more: (at: Parameters<Scale["forward"]>[0]) => void): Scale["forward"] =>
  (at, attributes) => {
    scale.forward(at, attributes);
    more(at);
  };

/** The same for backward. */
export const backwardAnd =
  (more: (...given: Parameters<NonNullable<Scale["backward"]>>) => void): NonNullable<Scale["backward"]> =>
  (at, into, attributes) => {
    scale.backward!(at, into, attributes);
    more(at, into, attributes);
  };
