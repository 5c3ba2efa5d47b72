import { described, readOptions } from "../core/options.ts";
import { sameShape, show } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import { GraphError, QuarkError, ShapeError, StateDictError } from "../errors.ts";
import { completed, type Rules, recheck } from "./options.ts";
import {
  copyState,
  disposeState,
  missingState,
  type Needs,
  type SavedState,
  type State,
  stateProblems,
} from "./state.ts";

/** Parameters that are updated with the same options. `lr` and the others may be changed between steps; schedules do. */
export type ParamGroup<Options> = Options & {
  readonly params: readonly Tensor[];
  /** The learning rate before any schedule; set by the first one. */
  initialLr?: number;
};

/** A group as it is handed in: options that are missing are the optimiser's. */
export type GroupInit<Options> = Partial<Options> & { readonly params: Iterable<Tensor> };

/** What an optimiser takes: `model.parameters()`, or a list of `{ params, …options }` for groups with options of their own. */
export type Parameters<Options> = Iterable<Tensor> | Iterable<GroupInit<Options>>;

export interface OptimizerStateDict<Options> {
  /** By the parameter's number, counted through all groups. */
  readonly state: Readonly<Record<number, SavedState>>;
  readonly paramGroups: readonly (Options & { readonly params: readonly number[] })[];
}

/** What one step does to one parameter. */
interface Work<Options> {
  readonly parameter: Tensor;
  readonly grad: Tensor;
  readonly options: Options;
}

/**
 * What all optimisers share: groups of parameters, their state, and a step that either happens whole or not at all. A parameter that
 * requires no gradient (a frozen layer's) stays as it is, and is taken up again when it requires one.
 *
 * An optimiser says by `rules` which options there are, by `needs` what it remembers of a parameter, and computes in `update`.
 */
export abstract class Optimizer<Options extends { lr: number } = { lr: number }> {
  readonly paramGroups: ParamGroup<Options>[] = [];
  readonly #defaults: Options;
  readonly #rules: Rules<Options>;
  readonly #state = new Map<Tensor, State>();

  /**
   * @param options the options of groups that have none of their own; a number stands for `lr`.
   * @throws OptionError for unknown options and values out of range; GraphError where nothing requires a gradient.
   */
  constructor(parameters: Parameters<Options>, options: Partial<Options> | number, rules: Rules<Options>) {
    const { name } = this.constructor;
    this.#rules = rules;
    this.#defaults = readOptions(name, options, rules);
    for (const group of groupsOf(name, parameters)) this.addParamGroup(group);
    const all = this.#parameters();
    if (all.every(({ requiresGrad }) => !requiresGrad)) throw new GraphError(this.#notOurs(all[0]!));
  }

  /** What is remembered of a parameter: all of it is made before a step changes anything. */
  protected abstract needs(options: Options): Needs;

  /** One in-place update of one parameter, by a kernel. */
  protected abstract update(parameter: Tensor, grad: Tensor, state: State, options: Options): void;

  /** Checks what no single option shows, such as two that exclude each other. */
  protected check(_options: Options): void {}

  /** Checks a parameter that joins, where not every shape can be optimised. */
  protected checkParameter(_parameter: Tensor): void {}

  /** Takes the scratch memory that `update` will ask for. */
  protected reserve(_parameter: Tensor): void {}

  addParamGroup(init: GroupInit<Options>): void {
    const { name } = this.constructor;
    const { params, initialLr, ...own } = init as GroupInit<Options> & { initialLr?: number };
    const options = completed(name, own as unknown as Partial<Options>, this.#rules, this.#defaults);
    const group = {
      ...options,
      params: [...params],
      ...(initialLr !== undefined && { initialLr }),
    } as ParamGroup<Options>;
    this.check(group);
    const known = new Set(this.paramGroups.flatMap(({ params }) => params));
    for (const parameter of group.params) {
      if (!(parameter instanceof Tensor)) {
        throw new QuarkError(`${name}: parameters are tensors, got ${described(parameter)}; pass model.parameters()`);
      }
      if (known.has(parameter)) throw new QuarkError(`${name}: "${parameter.label}" is in two groups, or twice in one`);
      known.add(parameter);
      if (!parameter.isLeaf) throw new GraphError(this.#notOurs(parameter));
      this.checkParameter(parameter);
    }
    this.paramGroups.push(group);
  }

  /** Drops all gradients. They are not filled with zeros: a parameter without a gradient is skipped by `step`. */
  zeroGrad(): void {
    for (const parameter of this.#parameters()) {
      parameter.grad?.dispose();
      parameter.grad = undefined;
    }
  }

  /**
   * Updates every parameter that requires and has a gradient. All checks are made and all memory is taken before the first number
   * changes.
   *
   * @throws ShapeError for a gradient of another shape than its parameter; MemoryError where the first step's state does not fit.
   */
  step(): void {
    for (const { parameter, grad, options } of this.#prepared()) {
      this.update(parameter, grad, this.#state.get(parameter)!, options);
      parameter.storage.version++;
    }
  }

  /** The state and the options, in PyTorch's layout: the tensors themselves, so they change as training goes on. */
  stateDict(): OptimizerStateDict<Options> {
    const numbers = new Map(this.#parameters().map((parameter, index) => [parameter, index]));
    const state: Record<number, State> = {};
    for (const [parameter, values] of this.#state) state[numbers.get(parameter)!] = { ...values };
    const paramGroups = this.paramGroups.map((group) => ({
      ...group,
      params: group.params.map((parameter) => numbers.get(parameter)!),
    }));
    return { state, paramGroups };
  }

  /**
   * Takes state and options over, as copies.
   *
   * @throws StateDictError where groups, shapes, names or options are not those of this optimiser; then nothing was changed.
   */
  loadStateDict(saved: OptimizerStateDict<Options>): void {
    const sizes = (groups: readonly { readonly params: readonly unknown[] }[]) =>
      show(groups.map(({ params }) => params.length));
    const problems: string[] = [];
    if (sizes(saved.paramGroups) !== sizes(this.paramGroups)) {
      problems.push(`groups of ${sizes(saved.paramGroups)} parameters there but ${sizes(this.paramGroups)} here`);
    }
    const parameters = this.#parameters();
    const groups = this.paramGroups.map((group, index) => this.#loadedGroup(saved.paramGroups[index], group, problems));
    const groupOf = new Map(groups.flatMap((group) => group.params.map((parameter) => [parameter, group] as const)));
    const placed = new Map<Tensor, SavedState>();
    for (const [index, state] of Object.entries(saved.state)) {
      const parameter = parameters[Number(index)];
      if (!parameter) {
        if (problems.length === 0)
          problems.push(`parameter ${index} has a state, but there are ${parameters.length} here`);
        continue;
      }
      placed.set(parameter, state);
      problems.push(...stateProblems(state, Number(index), parameter, this.needs(groupOf.get(parameter)!)));
    }
    if (problems.length > 0) throw new StateDictError(`loadStateDict: ${problems.join("; ")}; nothing was changed`);
    const loaded = new Map<Tensor, State>();
    allOrNothing(loaded, () => {
      for (const [parameter, state] of placed) loaded.set(parameter, copyState(state, parameter));
    });
    this.dispose();
    for (const [parameter, state] of loaded) this.#state.set(parameter, state);
    for (const [index, group] of groups.entries()) {
      const own = this.paramGroups[index]!;
      delete own.initialLr;
      Object.assign(own, group);
    }
  }

  /** Gives the memory of the state back; the next step begins anew. */
  dispose(): void {
    for (const state of this.#state.values()) disposeState(state);
    this.#state.clear();
  }

  /** What a step will do, once everything is checked and every block that it needs is there. */
  #prepared(): Work<Options>[] {
    const work: Work<Options>[] = [];
    const made = new Map<Tensor, State>();
    allOrNothing(made, () => {
      for (const options of this.paramGroups) {
        recheck(this.constructor.name, options, this.#rules);
        this.check(options);
        const needs = this.needs(options);
        for (const parameter of options.params) {
          const { grad } = parameter;
          if (!grad || !parameter.requiresGrad) continue;
          if (!sameShape(grad.shape, parameter.shape) || grad.dtype !== "float32") {
            throw new ShapeError(
              `${this.constructor.name}: the gradient of "${parameter.label}" is ${grad.dtype} ${show(grad.shape)} but the parameter ${show(parameter.shape)}; set grad to a float32 tensor of that shape`,
            );
          }
          // Numbers that were put off are computed here, and a tensor that was disposed says so.
          parameter.storage;
          grad.storage;
          made.set(parameter, missingState(parameter, this.#state.get(parameter), needs));
          this.reserve(parameter);
          work.push({ parameter, grad, options });
        }
      }
    });
    for (const [parameter, state] of made)
      this.#state.set(parameter, Object.assign(this.#state.get(parameter) ?? {}, state));
    return work;
  }

  /** A group with the options of a saved one; what is wrong with them is added to the problems. */
  #loadedGroup(
    saved: (Options & { readonly params: readonly number[] }) | undefined,
    group: ParamGroup<Options>,
    problems: string[],
  ): ParamGroup<Options> {
    const { params: _, initialLr, ...own } = (saved ?? group) as ParamGroup<Options>;
    const rate = initialLr === undefined ? {} : { initialLr };
    try {
      const { lr } = own as unknown as Options;
      const rules = this.#rules;
      const options = readOptions(this.constructor.name, { ...own, lr: lr < 0 ? 0 : lr }, rules);
      this.check(options);
      return { ...options, ...(lr < 0 && { lr }), ...rate, params: group.params };
    } catch (error) {
      problems.push((error as Error).message);
      return group;
    }
  }

  #notOurs({ label, shape }: Tensor): string {
    return `${this.constructor.name}: "${label}" ${show(shape)} is no leaf that requires a gradient; set requiresGrad, or detach() it first`;
  }

  #parameters(): Tensor[] {
    return this.paramGroups.flatMap(({ params }) => params);
  }
}

/** The groups that a user handed in, in either form. */
function groupsOf<Options>(optimizer: string, parameters: Parameters<Options>): GroupInit<Options>[] {
  if (typeof parameters !== "object" || parameters === null || !(Symbol.iterator in parameters)) {
    const hint = typeof (parameters as { parameters?: unknown } | null)?.parameters === "function";
    throw new QuarkError(
      `${optimizer}: parameters are a list, got ${described(parameters)}; pass ${hint ? "its parameters()" : "model.parameters()"}`,
    );
  }
  const all = [...(parameters as Iterable<Tensor | GroupInit<Options>>)];
  if (all.length === 0) throw new QuarkError(`${optimizer}: there are no parameters to optimise`);
  const isGroup = (one: unknown) => typeof one === "object" && one !== null && "params" in one;
  if (all.every(isGroup)) return all as GroupInit<Options>[];
  return [{ params: all } as unknown as GroupInit<Options>];
}

/** Runs `make`, which fills `states`; disposes them where it throws. */
function allOrNothing(states: ReadonlyMap<Tensor, State>, make: () => void): void {
  try {
    make();
  } catch (error) {
    for (const state of states.values()) disposeState(state);
    throw error;
  }
}

/** The whole vectors of four that cover a tensor: the unit of the optimisers' kernels. */
export function vectorsOf({ size }: Tensor): number {
  return Math.ceil(size / 4);
}
