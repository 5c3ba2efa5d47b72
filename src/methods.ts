/**
 * The same ops as chainable methods: `x.matmul(w).add(b).relu()`. Every function of the particles and of the compositions whose
 * first parameter is a tensor becomes a method; nothing is declared twice. Evaluating this file equips `Tensor`, so whoever imports it
 * carries all ops: `quarkgrad/methods` of the package.
 */
import { Tensor } from "./core/tensor.ts";
import * as functional from "./functional/index.ts";
import * as particles from "./particles/index.ts";

/** The functions among `Ops`, without their first parameter. What a name's function takes is only looked at when it is used. */
type MethodsOf<Ops> = {
  // biome-ignore lint/suspicious/noExplicitAny: asking for a Tensor here would need the methods that are being declared
  [Name in keyof Ops as Ops[Name] extends (...args: any[]) => unknown ? Name : never]: Ops[Name] extends (
    // biome-ignore lint/suspicious/noExplicitAny: as above
    input: any,
    ...rest: infer Rest
  ) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

/** Functions of several tensors, which belong to no one of them. */
const ofLists = ["concat", "stack", "einsum"] as const;

type OfOne<Ops> = Omit<Ops, (typeof ofLists)[number]>;

declare module "./core/tensor.ts" {
  interface Tensor extends MethodsOf<OfOne<typeof particles>>, MethodsOf<OfOne<typeof functional>> {}
}

for (const [name, op] of Object.entries({ ...functional, ...particles })) {
  if (typeof op !== "function" || name in Tensor.prototype || ofLists.some((list) => list === name)) continue;
  const method = op as (input: Tensor, ...rest: unknown[]) => unknown;
  Object.defineProperty(Tensor.prototype, name, {
    configurable: true,
    writable: true,
    value: function (this: Tensor, ...rest: unknown[]) {
      return method(this, ...rest);
    },
  });
}
