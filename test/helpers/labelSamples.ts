/** Classifications to try: logits of [N, C, …], labels, class weights. */
import fc from "fast-check";
import { sizeOf } from "../../src/core/shape.ts";
import type { Reduction } from "../../src/particles/loss/how/losses.ts";

const reductions = fc.constantFrom<Reduction>("mean", "sum", "none");

export interface LabelSample {
  readonly inputs: {
    readonly input: readonly number[];
    readonly target: { readonly shape: readonly number[]; readonly data: readonly number[]; readonly dtype: "int32" };
    readonly weight?: { readonly shape: readonly number[]; readonly data: readonly number[] };
  };
  readonly attributes: { readonly ignoreIndex: number | undefined; readonly reduction: Reduction };
}

/** Labels, some of which are ignored where that is asked for; an ignored label may be a class or not. */
export const labelSamples: fc.Arbitrary<LabelSample> = fc
  .record({
    images: fc.integer({ min: 0, max: 7 }),
    classes: fc.integer({ min: 1, max: 37 }),
    rest: fc.oneof(fc.constant<number[]>([]), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 2 })),
    weighted: fc.boolean(),
    ignore: fc.constantFrom("none", "class", "other"),
    reduction: reductions,
    draws: fc.array(fc.nat(10000), { minLength: 40, maxLength: 40 }),
  })
  .map(({ images, classes, rest, weighted, ignore, reduction, draws }) => {
    const shape = [images, ...rest];
    const draw = (at: number) => draws[at % draws.length]! + at;
    const ignoreIndex = ignore === "none" ? undefined : ignore === "class" ? draw(3) % classes : -100;
    const labels = Array.from({ length: sizeOf(shape) }, (_, at) =>
      ignoreIndex !== undefined && draw(at) % 5 === 0 ? ignoreIndex : (draw(at) >> 3) % classes,
    );
    // One sample counts in any case: the mean over none is a row of the special values.
    if (labels.length > 0 && labels.every((label) => label === ignoreIndex)) {
      if (classes === 1) return { images: 1, classes, rest: [], shape: [1], labels: [0], weighted, reduction };
      labels[0] = ignoreIndex === 0 ? 1 : 0;
    }
    return { images, classes, rest, shape, labels, weighted, ignoreIndex, reduction, draws };
  })
  .map(({ images, classes, rest, shape, labels, weighted, ignoreIndex, reduction, draws = [] }) => ({
    inputs: {
      input: [images, classes, ...rest],
      target: { shape, data: labels, dtype: "int32" as const },
      ...(weighted && {
        weight: { shape: [classes], data: Array.from({ length: classes }, (_, c) => 1 + ((draws[c] ?? 0) % 8) / 8) },
      }),
    },
    attributes: { ignoreIndex, reduction },
  }))
  .filter(({ inputs, attributes }) => attributes.reduction !== "mean" || inputs.target.data.length > 0);
