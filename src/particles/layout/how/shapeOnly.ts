import type { Values } from "../../../core/particle.ts";

/** What particles share that change a shape and move no element: the engine hands on the block, and the gradient likewise. */
export const shapeOnly = {
  keeps: [],
  dtypes: { input: "any" },
  outputDtype: "input",
  shares: "input",
  forward() {},
  backward() {},
  cost: () => ({ flops: 0, bytes: 0 }),
  definition: ({ input }: { readonly input: Values }) => Float64Array.from(input.data),
} as const;
