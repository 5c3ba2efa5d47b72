import type { Values } from "../core/particle.ts";
import { sameShape, show, sizeOf } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import { kernels } from "../engine/module.ts";
import { Storage } from "../engine/storage.ts";
import { GraphError, QuarkError, ShapeError, StateDictError } from "../errors.ts";

/** Parameters that are updated with the same options. `lr` and the others may be changed between steps; schedules do. */
export type ParamGroup<Options> = Options & {
  readonly params: readonly Tensor[];
  /** The learning rate before any schedule; set by the first one. */
  initialLr?: number;
};

/** A group as it is handed in: options that are missing are the optimiser's. */
export type GroupInit<Options> = Partial<Options> & { readonly params: Iterable<Tensor> };

/** What an optimiser remembers of one parameter: tensors of its shape, and numbers. */
export type State = Record<string, Tensor | number>;

export interface OptimizerStateDict<Options> {
  /** By the parameter's number, counted through all groups. */
  readonly state: Readonly<Record<number, Readonly<Record<string, Values | number>>>>;
  readonly paramGroups: readonly (Options & { readonly params: readonly number[] })[];
}

/** What all optimisers share: groups of parameters, their state, and a step that either happens whole or not at all. */
export abstract class Optimizer<Options extends { lr: number } = { lr: number }> {
  readonly paramGroups: ParamGroup<Options>[] = [];
  readonly #defaults: Options;
  protected readonly state = new Map<Tensor, State>();

  /** `parameters` is `model.parameters()`, or a list of `{ params, …options }` for groups with options of their own. */
  constructor(parameters: Iterable<Tensor> | Iterable<GroupInit<Options>>, defaults: Options) {
    this.#defaults = defaults;
    const all: (Tensor | GroupInit<Options>)[] = [...parameters];
    if (all.length === 0) throw new QuarkError(`${this.constructor.name}: there are no parameters to optimise`);
    if (all[0] instanceof Tensor) this.addParamGroup({ params: all as Tensor[] } as unknown as GroupInit<Options>);
    else for (const group of all as GroupInit<Options>[]) this.addParamGroup(group);
  }

  /** Throws a QuarkError where options make no sense. */
  protected abstract check(options: Options): void;

  /** The state a parameter needs for its next step beyond what it has: new tensors are made here, before anything is changed. */
  protected abstract prepare(parameter: Tensor, state: State | undefined, options: Options): State | undefined;

  /** One in-place update of one parameter, by a kernel. */
  protected abstract update(parameter: Tensor, grad: Tensor, state: State, options: Options): void;

  addParamGroup(init: GroupInit<Options>): void {
    const group = { ...this.#defaults, ...init, params: [...init.params] } as ParamGroup<Options>;
    this.check(group);
    const known = new Set(this.paramGroups.flatMap(({ params }) => params));
    for (const parameter of group.params) {
      if (known.has(parameter)) {
        throw new QuarkError(`${this.constructor.name}: "${parameter.label}" is in two groups, or twice in one`);
      }
      known.add(parameter);
      if (!parameter.isLeaf || !parameter.requiresGrad) {
        throw new GraphError(
          `${this.constructor.name}: "${parameter.label}" ${show(parameter.shape)} is no leaf that requires a gradient; set requiresGrad, or detach() it first`,
        );
      }
    }
    this.paramGroups.push(group);
  }

  /** Drops all gradients. They are not filled with zeros: a parameter without a gradient is skipped by `step`. */
  zeroGrad(): void {
    for (const { params } of this.paramGroups) {
      for (const parameter of params) {
        parameter.grad?.dispose();
        parameter.grad = undefined;
      }
    }
  }

  /**
   * Updates every parameter that has a gradient. All checks are made and all memory is taken before the first number changes.
   *
   * @throws ShapeError for a gradient of another shape than its parameter; MemoryError where the first step's state does not fit.
   */
  step(): void {
    const work: { parameter: Tensor; grad: Tensor; options: Options }[] = [];
    const prepared = new Map<Tensor, State>();
    try {
      for (const options of this.paramGroups) {
        this.check(options);
        for (const parameter of options.params) {
          const { grad } = parameter;
          if (!grad) continue;
          if (!sameShape(grad.shape, parameter.shape) || grad.dtype !== "float32") {
            throw new ShapeError(
              `${this.constructor.name}: the gradient of "${parameter.label}" is ${grad.dtype} ${show(grad.shape)} but the parameter ${show(parameter.shape)}; set grad to a float32 tensor of that shape`,
            );
          }
          parameter.storage; // throws where the parameter was disposed
          const state = this.prepare(parameter, this.state.get(parameter), options);
          if (state) prepared.set(parameter, state);
          work.push({ parameter, grad, options });
        }
      }
    } catch (error) {
      for (const state of prepared.values()) disposeState(state);
      throw error;
    }
    for (const [parameter, state] of prepared) this.state.set(parameter, { ...this.state.get(parameter), ...state });
    for (const { parameter, grad, options } of work) {
      this.update(parameter, grad, this.state.get(parameter)!, options);
      parameter.storage.version++;
    }
  }

  /** The state and the options, in PyTorch's layout: the tensors themselves, so they change as training goes on. */
  stateDict(): OptimizerStateDict<Options> {
    const parameters = this.#parameters();
    const state: Record<number, State> = {};
    for (const [parameter, values] of this.state) state[parameters.indexOf(parameter)] = values;
    const paramGroups = this.paramGroups.map((group) => ({
      ...group,
      params: group.params.map((parameter) => parameters.indexOf(parameter)),
    }));
    return { state, paramGroups };
  }

  /**
   * Takes state and options over, as copies.
   *
   * @throws StateDictError where groups or shapes are not those of this optimiser; then nothing was changed.
   */
  loadStateDict(saved: OptimizerStateDict<Options>): void {
    const parameters = this.#parameters();
    const problems: string[] = [];
    const sizes = (groups: readonly { readonly params: readonly unknown[] }[]) =>
      show(groups.map(({ params }) => params.length));
    if (sizes(saved.paramGroups) !== sizes(this.paramGroups)) {
      problems.push(`groups of ${sizes(saved.paramGroups)} parameters there but ${sizes(this.paramGroups)} here`);
    }
    for (const [index, values] of Object.entries(saved.state)) {
      const shape = parameters[Number(index)]?.shape;
      for (const [name, value] of Object.entries(values)) {
        if (typeof value === "number" || !shape || sameShape(value.shape, shape)) continue;
        problems.push(`${name} of parameter ${index} is ${show(value.shape)} there but the parameter ${show(shape)}`);
      }
    }
    if (problems.length > 0) throw new StateDictError(`loadStateDict: ${problems.join("; ")}; nothing was changed`);
    const loaded = new Map<Tensor, State>();
    try {
      for (const [index, values] of Object.entries(saved.state)) {
        const copy: State = {};
        loaded.set(parameters[Number(index)]!, copy);
        for (const [name, value] of Object.entries(values)) {
          copy[name] = typeof value === "number" ? value : copyOf(value, name);
        }
      }
    } catch (error) {
      for (const state of loaded.values()) disposeState(state);
      throw error;
    }
    this.dispose();
    for (const [parameter, state] of loaded) this.state.set(parameter, state);
    for (const [index, group] of this.paramGroups.entries()) {
      Object.assign(group, { ...saved.paramGroups[index], params: group.params });
    }
  }

  /** Gives the memory of the state back; the next step begins anew. */
  dispose(): void {
    for (const state of this.state.values()) disposeState(state);
    this.state.clear();
  }

  #parameters(): Tensor[] {
    return this.paramGroups.flatMap(({ params }) => params);
  }
}

/** Zeros of a parameter's shape that belong to no scope. */
export function stateLike(parameter: Tensor, name: string): Tensor {
  const { shape } = parameter;
  const storage = new Storage(sizeOf(shape) * 4, `${parameter.label} ${name}`, shape);
  kernels.fillBytes(storage.ptr, 0, storage.bytes);
  return new Tensor(storage, shape, "float32").keep();
}

function copyOf({ shape, data }: Values, name: string): Tensor {
  const copy = new Tensor(new Storage(sizeOf(shape) * 4, name, shape), shape, "float32").keep();
  copy.data.set(data);
  return copy;
}

function disposeState(state: State): void {
  for (const value of Object.values(state)) if (typeof value !== "number") value.dispose();
}

/** The whole vectors of four that cover a tensor: the unit of the optimisers' kernels. */
export function vectorsOf({ size }: Tensor): number {
  return Math.ceil(size / 4);
}
