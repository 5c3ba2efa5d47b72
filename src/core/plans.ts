/** What an application works out once: the particle's plan, the shapes of what it makes, and its scratch. Cached, and only here. */

import { DtypeError } from "../errors.ts";
import { settings } from "./configure.ts";
import { bytesOf, type DType } from "./dtype.ts";
import type { AnyParticle, Auxiliary, Cost, OutputRule } from "./particle.ts";
import { frozenCopy, sameData } from "./plainData.ts";
import { type Shape, sameShape, show, sizeOf } from "./shape.ts";

/** What is known of an input before it is read. */
export interface Described {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A block that forward fills. */
export interface Made extends Described {
  readonly name: string;
  /** Whether gradients flow through it. */
  readonly differentiable: boolean;
  readonly bytes: number;
}

/** A particle fitted to the shapes, dtypes and attributes of an application. Equal applications share it. */
export interface Prepared {
  readonly particle: AnyParticle;
  /** A frozen copy. */
  readonly attributes: unknown;
  readonly plan: unknown;
  readonly shapes: Readonly<Record<string, Shape>>;
  /** What is handed out: one that is named `output`, or several. */
  readonly outputs: readonly Made[];
  readonly auxiliary: readonly Made[];
  /** Bytes of scratch. */
  readonly forwardBytes: number;
  readonly backwardBytes: number;
  /** Whether a lazy output of it was read after a fused reader had done without it: from then on it is computed at once. */
  reread: boolean;
}

/**
 * The plan for these inputs: a cached one where the particle saw the like before.
 *
 * @throws DtypeError for an input of the wrong dtype, and what the particle throws for shapes and attributes that it refuses.
 */
export function prepare(
  particle: AnyParticle,
  inputs: Readonly<Record<string, Described>>,
  attributes: unknown,
): Prepared {
  let cache = caches.get(particle);
  if (!cache) caches.set(particle, (cache = new PlanCache()));
  return cache.find(inputs, attributes) ?? cache.add(inputs, newPlan(particle, inputs, attributes));
}

/** The plan alone, for readers who have no tensors. It is not cached. */
export function planFor(particle: AnyParticle, shapes: Readonly<Record<string, Shape>>, attributes: unknown): unknown {
  return particle.plan ? particle.plan(shapes, frozenCopy(attributes)) : attributes;
}

/** The shapes of the outputs by name, for readers who have no tensors. One output is named `output`. */
export function shapesFor(
  particle: AnyParticle,
  shapes: Readonly<Record<string, Shape>>,
  attributes: unknown,
): Record<string, Shape> {
  const rules = rulesOf(particle, shapes, planFor(particle, shapes, attributes));
  return Object.fromEntries(Object.entries(rules).map(([name, { shape }]) => [name, shape]));
}

/** The cost of one forward pass, for readers who have no tensors. */
export function costFor(particle: AnyParticle, shapes: Readonly<Record<string, Shape>>, attributes: unknown): Cost {
  return particle.cost(shapes, planFor(particle, shapes, attributes));
}

const caches = new WeakMap<AnyParticle, PlanCache>();

/** Plans that a particle has at most. More layers than this, of shapes all different, are planned anew each time. */
const mostPlans = 64;

interface Entry {
  readonly prepared: Prepared;
  readonly ports: readonly string[];
  readonly shapes: readonly Shape[];
  readonly dtypes: readonly DType[];
  /** Settings may decide how something is computed. */
  readonly settings: object;
}

/** The plans of one particle in a ring. Programs repeat themselves, so the search begins with the last one found and goes on behind it. */
class PlanCache {
  readonly #entries: Entry[] = [];
  #last = 0;
  #oldest = 0;

  find(inputs: Readonly<Record<string, Described>>, attributes: unknown): Prepared | undefined {
    const entries = this.#entries;
    let at = this.#last;
    for (let tried = 0; tried < entries.length; tried++) {
      const entry = entries[at]!;
      if (isFor(entry, inputs, attributes)) {
        this.#last = at;
        return entry.prepared;
      }
      if (++at === entries.length) at = 0;
    }
    return undefined;
  }

  add(inputs: Readonly<Record<string, Described>>, prepared: Prepared): Prepared {
    const ports = Object.keys(inputs);
    const entry: Entry = {
      prepared,
      ports,
      shapes: ports.map((port) => prepared.shapes[port]!),
      dtypes: ports.map((port) => inputs[port]!.dtype),
      settings: settings(),
    };
    this.#last = this.#entries.length < mostPlans ? this.#entries.length : this.#oldest;
    if (this.#last === this.#oldest && this.#entries.length === mostPlans)
      this.#oldest = (this.#oldest + 1) % mostPlans;
    this.#entries[this.#last] = entry;
    return prepared;
  }
}

function isFor(
  { ports, shapes, dtypes, prepared, settings: chosen }: Entry,
  inputs: Readonly<Record<string, Described>>,
  attributes: unknown,
): boolean {
  let count = 0;
  for (const _ in inputs) count++;
  if (count !== ports.length) return false;
  for (let index = 0; index < count; index++) {
    const input = inputs[ports[index]!];
    if (!input || input.dtype !== dtypes[index] || !sameShape(input.shape, shapes[index]!)) return false;
  }
  return chosen === settings() && sameData(prepared.attributes, attributes);
}

function newPlan(particle: AnyParticle, inputs: Readonly<Record<string, Described>>, given: unknown): Prepared {
  const shapes: Record<string, Shape> = {};
  for (const port in inputs) {
    const { dtype, shape } = inputs[port]!;
    const wanted = wantedDtype(particle, port);
    if (dtype !== wanted && wanted !== "any") throw wrongDtype(particle.name, port, dtype, wanted, shape);
    shapes[port] = Object.freeze([...shape]);
  }
  const attributes = frozenCopy(given);
  const plan: unknown = particle.plan ? particle.plan(shapes, attributes) : attributes;
  const rules = rulesOf(particle, shapes, plan);
  const auxiliary: Record<string, Auxiliary> = particle.aux?.(shapes, plan) ?? {};
  const { forward = 0, backward = 0 } = particle.workspace?.(shapes, plan) ?? {};
  return {
    particle,
    attributes,
    plan,
    shapes,
    outputs: Object.entries(rules).map(([name, { shape, dtype: rule = "float32", differentiable }]) => {
      const dtype = inputs[rule as string]?.dtype ?? (rule as DType);
      return made(name, shape, dtype, differentiable ?? dtype === "float32");
    }),
    auxiliary: Object.entries(auxiliary).map(([name, { shape, dtype }]) => made(name, shape, dtype, false)),
    forwardBytes: forward,
    backwardBytes: backward,
    reread: false,
  };
}

function made(name: string, shape: Shape, dtype: DType, differentiable: boolean): Made {
  return { name, shape: Object.freeze([...shape]), dtype, bytes: sizeOf(shape) * bytesOf[dtype], differentiable };
}

/** One output is the case of a record with one entry. */
function rulesOf(
  particle: AnyParticle,
  shapes: Readonly<Record<string, Shape>>,
  plan: unknown,
): Record<string, OutputRule<Record<string, 1>>> {
  if (particle.outputs) return particle.outputs(shapes, plan);
  const dtype = particle.outputDtype as string | undefined;
  return { output: { shape: particle.shape(shapes, plan), ...(dtype !== undefined && { dtype }) } };
}

function wantedDtype({ dtypes }: AnyParticle, port: string): DType | "any" {
  return dtypes === "any" ? "any" : ((dtypes as Record<string, DType | "any"> | undefined)?.[port] ?? "float32");
}

function wrongDtype(op: string, port: string, dtype: DType, wanted: DType, shape: Shape): DtypeError {
  return new DtypeError(
    `${op}: ${port} must be ${wanted}, got ${dtype} (${port} ${show(shape)}); convert it with to("${wanted}")`,
  );
}
