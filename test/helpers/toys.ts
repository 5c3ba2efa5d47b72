/** Ops without kernels, for tests of what lies below the particles. */
import { apply, type Operand } from "../../src/core/apply.ts";
import type { Block, Particle } from "../../src/core/particle.ts";
import { sizeOf } from "../../src/core/shape.ts";
import type { Tensor } from "../../src/core/tensor.ts";
import { engine } from "../../src/engine/module.ts";

export const viewOf = ({ ptr, size }: Pick<Block, "ptr" | "size">) =>
  new Float32Array(engine().memory.buffer, ptr, size);

const elementwise = {
  shape: ({ a }: { a: readonly number[] }) => a,
  cost: ({ a }: { a: readonly number[] }) => ({ flops: sizeOf(a), bytes: 12 * sizeOf(a) }),
};

/** a + b of equal shapes: keeps nothing. */
const addParticle: Particle<{ a: 1; b: 1 }, void> = {
  ...elementwise,
  name: "toyAdd",
  formula: "y = a + b",
  keeps: [],
  forward({ a, b, output }) {
    const [x, y] = [viewOf(a), viewOf(b)];
    viewOf(output).set(x.map((value, index) => value + y[index]!));
  },
  backward({ grad }, { a, b }) {
    if (a) viewOf(a).set(viewOf(grad));
    if (b) viewOf(b).set(viewOf(grad));
  },
  definition: ({ a, b }) => Array.from(a.data, (value, index) => value + b.data[index]!),
};

/** a · b of equal shapes: keeps both inputs. */
const mulParticle: Particle<{ a: 1; b: 1 }, void, "a" | "b"> = {
  ...elementwise,
  name: "toyMul",
  formula: "y = a · b",
  keeps: ["a", "b"],
  forward({ a, b, output }) {
    const [x, y] = [viewOf(a), viewOf(b)];
    viewOf(output).set(x.map((value, index) => value * y[index]!));
  },
  backward({ a, b, grad }, into) {
    const [x, y, dy] = [viewOf(a), viewOf(b), viewOf(grad)];
    if (into.a) viewOf(into.a).set(dy.map((value, index) => value * y[index]!));
    if (into.b) viewOf(into.b).set(dy.map((value, index) => value * x[index]!));
  },
  definition: ({ a, b }) => Array.from(a.data, (value, index) => value * b.data[index]!),
};

/** a / 2: keeps nothing. */
const halveParticle: Particle<{ a: 1 }, void> = {
  ...elementwise,
  name: "toyHalve",
  formula: "y = a / 2",
  keeps: [],
  forward: ({ a, output }) => viewOf(output).set(viewOf(a).map((value) => value / 2)),
  backward({ grad }, { a }) {
    if (a) viewOf(a).set(viewOf(grad).map((value) => value / 2));
  },
  definition: ({ a }) => Array.from(a.data, (value) => value / 2),
};

/** Shares its input's block, as reshape does. */
const sameParticle: Particle<{ a: 1 }, void> = {
  ...elementwise,
  name: "toySame",
  formula: "y = a",
  keeps: [],
  shares: "a",
  forward() {},
  backward() {},
  definition: ({ a }) => a.data,
};

/** The first element as an integer: nothing to differentiate. */
const firstParticle: Particle<{ a: 1 }, void> = {
  ...elementwise,
  name: "toyFirst",
  formula: "y = a[0]",
  keeps: [],
  outputDtype: "int32",
  shape: () => [],
  forward: ({ a, output }) => new Int32Array(engine().memory.buffer, output.ptr, 1).fill(viewOf(a)[0]!),
  definition: ({ a }) => [a.data[0]!],
};

/** Its kernels trap: forward, or only backward. */
const trapParticle: Particle<{ a: 1 }, { in: "forward" | "backward" }, "output" | "mask", { mask: 1 }> = {
  ...elementwise,
  name: "toyTrap",
  formula: "y = a",
  keeps: ["output", "mask"],
  aux: ({ a }) => ({ mask: { shape: a, dtype: "uint8" } }),
  forward({ a, output }, { in: where }) {
    if (where === "forward") throw new WebAssembly.RuntimeError("unreachable");
    viewOf(output).set(viewOf(a));
  },
  backward() {
    throw new WebAssembly.RuntimeError("unreachable");
  },
  definition: ({ a }) => a.data,
};

export const add = (a: Operand, b: Operand): Tensor => apply(addParticle, { a, b }, undefined);
export const mul = (a: Operand, b: Operand): Tensor => apply(mulParticle, { a, b }, undefined);
export const halve = (a: Tensor): Tensor => apply(halveParticle, { a }, undefined);
export const same = (a: Tensor): Tensor => apply(sameParticle, { a }, undefined);
export const first = (a: Tensor): Tensor => apply(firstParticle, { a }, undefined);
export const trap = (a: Tensor, where: "forward" | "backward"): Tensor => apply(trapParticle, { a }, { in: where });
