import { within } from "../core/observe.ts";
import { flag, readOptions } from "../core/options.ts";
import type { Values } from "../core/particle.ts";
import { sameShape, show } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { StateDictError } from "../errors.ts";
import { Buffer, Parameter } from "./parameter.ts";
import { type Part, partsOf } from "./parts.ts";

/** Tensors by their names in PyTorch's style: `conv1.weight`. */
export type StateDict = Record<string, Tensor>;

/**
 * A part of a model. A subclass keeps parameters and other modules in its fields and computes in `forward`; everything
 * else follows from the fields: a parameter in field `weight` of the module in field `conv1` is named `conv1.weight`,
 * as in PyTorch. Parameters and modules in arrays, plain objects and Maps count too: `blocks.0.weight`, `scales.first`.
 */
export abstract class Module {
  /** Whether layers that differ in training, such as dropout, behave as in training. */
  training = true;

  /** From here on an observer learns when this class's `forward` runs. */
  constructor() {
    announce(new.target.prototype);
  }

  // biome-ignore lint/suspicious/noExplicitAny: what goes in and comes out is the subclass's to say
  abstract forward(...inputs: any[]): any;

  /** The fields by the names that their values are called by. */
  protected fields(): Iterable<[string, unknown]> {
    return Object.entries(this);
  }

  /** What stands in the fields, or in arrays, plain objects and Maps there. */
  *parts(): IterableIterator<Part> {
    for (const [name, value] of this.fields()) {
      yield* partsOf(name, value, (other) => Object.assign(this, { [name]: other }));
    }
  }

  /** The modules directly below, by the names of their fields. */
  *namedChildren(): IterableIterator<[string, Module]> {
    for (const { name, value } of this.parts()) if (value instanceof Module) yield [name, value];
  }

  /** This module (named "") and all below, each object once, outer ones first. */
  *namedModules(prefix = "", seen: Set<Module> = new Set()): IterableIterator<[string, Module]> {
    if (seen.has(this)) return;
    seen.add(this);
    // A `forward` that is a field is there only since the constructor of its class ran.
    if (Object.hasOwn(this, "forward")) announce(this);
    yield [prefix, this];
    for (const [name, child] of this.namedChildren()) yield* child.namedModules(joined(prefix, name), seen);
  }

  *modules(): IterableIterator<Module> {
    for (const [, module] of this.namedModules()) yield module;
  }

  /** All parameters, each object once, in the order in which the fields were set. */
  *namedParameters(): IterableIterator<[string, Parameter]> {
    yield* distinct(this.#named(Parameter));
  }

  *parameters(): IterableIterator<Parameter> {
    for (const [, parameter] of this.namedParameters()) yield parameter;
  }

  *namedBuffers(): IterableIterator<[string, Buffer]> {
    yield* distinct(this.#named(Buffer));
  }

  /**
   * Parameters and buffers by name: the tensors themselves, so they change as training goes on. A parameter that is
   * used in two places appears under both names.
   */
  stateDict(): StateDict {
    const result: StateDict = {};
    for (const [prefix, module] of this.#placed("", [])) {
      for (const { name, value } of module.parts()) {
        if (value instanceof Parameter || value instanceof Buffer) result[joined(prefix, name)] = value;
      }
    }
    return result;
  }

  /**
   * Copies the numbers of `state`, a record or a Map by name, into the parameters and buffers of the same names. With
   * `strict: false` names on one side only are left alone and returned.
   *
   * @throws StateDictError that lists every missing, unexpected and mis-shaped name; then nothing was changed.
   */
  loadStateDict(
    saved: Readonly<Record<string, Values>> | ReadonlyMap<string, Values>,
    options?: boolean | { readonly strict?: boolean },
  ): { missingKeys: string[]; unexpectedKeys: string[] } {
    const { strict } = readOptions("loadStateDict", options, { strict: flag(true) });
    const state = saved instanceof Map ? Object.fromEntries(saved) : (saved as Readonly<Record<string, Values>>);
    const own = this.stateDict();
    const missingKeys = Object.keys(own).filter((name) => !Object.hasOwn(state, name));
    const unexpectedKeys = Object.keys(state).filter((name) => !Object.hasOwn(own, name));
    const shared = Object.entries(own).filter(([name]) => Object.hasOwn(state, name));
    const misshapen = shared.filter(([name, tensor]) => !sameShape(tensor.shape, state[name]!.shape));
    const problems = misshapen.map(
      ([name, tensor]) => `${name} is ${show(tensor.shape)} here but ${show(state[name]!.shape)} there`,
    );
    for (const [name, tensor] of shared) {
      const { shape, data } = state[name]!;
      const { length } = data;
      if (length !== tensor.size && sameShape(shape, tensor.shape))
        problems.push(`${name} has ${tensor.size} numbers here but ${length} there`);
    }
    if (strict) {
      if (missingKeys.length > 0) problems.unshift(`missing ${missingKeys.join(", ")}`);
      if (unexpectedKeys.length > 0) problems.push(`unexpected ${unexpectedKeys.join(", ")}`);
    }
    if (problems.length > 0) {
      throw new StateDictError(
        `loadStateDict: ${problems.join("; ")}; nothing was changed${strict ? "" : " (strict: false allows only missing and unexpected names)"}`,
      );
    }
    for (const [name, tensor] of shared) {
      tensor.data.set(state[name]!.data);
      tensor.storage.version++;
    }
    return { missingKeys, unexpectedKeys };
  }

  /** Switches this module and all below to training, or with `false` to evaluation. */
  train(training = true): this {
    for (const module of this.modules()) module.training = training;
    return this;
  }

  /** The same as `train(false)`. */
  eval(): this {
    return this.train(false);
  }

  /** Calls `visit` with every module below and at last with this one: to initialise weights, for instance. */
  apply(visit: (module: Module) => void): this {
    this.#visit(visit, []);
    return this;
  }

  /** Drops the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) {
      parameter.grad?.dispose();
      parameter.grad = undefined;
    }
  }

  /** Gives the memory of all parameters and buffers back; the model cannot be used after that. */
  dispose(): void {
    for (const tensor of Object.values(this.stateDict())) tensor.dispose();
  }

  /** What `toString` puts between the brackets after the class's name. */
  protected describe(): string {
    return "";
  }

  /** The tree of modules, as PyTorch prints it. */
  toString(): string {
    return this.#tree([]);
  }

  /** The modules below that are not above, too: a child may point to its parent. */
  *#below(above: readonly Module[]): IterableIterator<[string, Module]> {
    for (const [name, child] of this.namedChildren()) if (!above.includes(child)) yield [name, child];
  }

  /** This module and all below with every place they stand in, also the second of a shared one. */
  *#placed(prefix: string, above: readonly Module[]): IterableIterator<[string, Module]> {
    yield [prefix, this];
    const path = [...above, this];
    for (const [name, child] of this.#below(path)) yield* child.#placed(joined(prefix, name), path);
  }

  #visit(visit: (module: Module) => void, above: readonly Module[]): void {
    const path = [...above, this];
    for (const [, child] of this.#below(path)) child.#visit(visit, path);
    visit(this);
  }

  #tree(above: readonly Module[]): string {
    const path = [...above, this];
    const lines: string[] = [];
    for (const [name, child] of this.#below(path)) {
      lines.push(`  (${name}): ${child.#tree(path).replaceAll("\n", "\n  ")}`);
    }
    const head = `${this.constructor.name}(${this.describe()}`;
    return lines.length === 0 ? `${head})` : `${head}\n${lines.join("\n")}\n)`;
  }

  *#named<T extends Tensor>(kind: new (data: Tensor) => T): IterableIterator<[string, T]> {
    for (const [prefix, module] of this.namedModules()) {
      for (const { name, value } of module.parts()) if (value instanceof kind) yield [joined(prefix, name), value];
    }
  }
}

const announced = new WeakSet<object>();

/**
 * Makes the `forward` of a class, its own or inherited, tell the observer who runs: once a class, whatever its author
 * wrote.
 */
function announce(prototype: Module): void {
  const { forward } = prototype;
  if (typeof forward !== "function" || announced.has(forward)) return;
  let owner: object = prototype;
  while (!Object.hasOwn(owner, "forward")) owner = Object.getPrototypeOf(owner) as object;
  const announcing = {
    forward(this: Module, ...inputs: unknown[]): unknown {
      return within(this, () => forward.apply(this, inputs));
    },
  }.forward;
  announced.add(announcing);
  Object.defineProperty(owner, "forward", { value: announcing, configurable: true, writable: true });
}

function joined(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}.${name}`;
}

/** Each tensor once. On the way it is labelled with its full name, for messages and memory reports. */
function* distinct<T extends Tensor>(named: Iterable<[string, T]>): IterableIterator<[string, T]> {
  const seen = new Set<T>();
  for (const [name, tensor] of named) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    if (!tensor.disposed && (tensor.label === "tensor" || name.endsWith(`.${tensor.label}`))) tensor.label = name;
    yield [name, tensor];
  }
}
