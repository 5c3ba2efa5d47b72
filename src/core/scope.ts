/** Scopes: whatever tensor is made while a scope is open ends with it, unless it is kept or returned. */
import { GraphError } from "../errors.ts";

/** What a scope needs of a tensor. */
export interface Scoped {
  /** True once the tensor is no business of any scope. */
  readonly kept: boolean;
  disposeWith(scopeName: string): void;
}

/** The open scopes, the innermost last. */
const open: Scope[] = [];

export class Scope {
  readonly name: string;
  #made: Scoped[] = [];

  constructor(name: string) {
    this.name = name;
  }

  add(tensor: Scoped): void {
    this.#made.push(tensor);
  }

  /**
   * Ends the scope: disposes what was made in it, except what is kept and what `survivors` holds; that moves to the scope
   * around it. Scopes of interleaved loops may end in any order.
   */
  close(survivors?: ReadonlySet<unknown>): Scoped[] {
    const index = open.lastIndexOf(this);
    if (index >= 0) open.splice(index, 1);
    const made = this.#made;
    this.#made = [];
    const moved: Scoped[] = [];
    for (const tensor of made) {
      if (tensor.kept) continue;
      if (survivors?.has(tensor)) moved.push(tensor);
      else tensor.disposeWith(this.name);
    }
    return moved;
  }
}

export function openScope(name: string): Scope {
  const scope = new Scope(name);
  open.push(scope);
  return scope;
}

/** The innermost open scope. */
export function currentScope(): Scope | undefined {
  return open[open.length - 1];
}

/**
 * Runs `body` and disposes every tensor made in it, except those it returns (a tensor, or arrays and plain objects that hold
 * some) and those it kept by `keep()`; also when it throws. Parameters, gradients and optimiser state are kept anyway.
 *
 * @throws GraphError if `body` returns a Promise: ops are synchronous, so await the data before entering the scope.
 */
export function scope<T>(body: () => T, name = "scope"): T {
  const opened = openScope(name);
  let result: T;
  try {
    result = body();
    refusePromise("scope", result);
  } catch (error) {
    opened.close();
    throw error;
  }
  const survivors = new Set<unknown>();
  collect(result, survivors);
  const around = currentScope() === opened ? open[open.length - 2] : currentScope();
  for (const tensor of opened.close(survivors)) around?.add(tensor);
  return result;
}

export function refusePromise(op: string, result: unknown): void {
  if (result instanceof Promise) {
    throw new GraphError(
      `${op}: the body returned a Promise; ops are synchronous, so await the data before entering the ${op}`,
    );
  }
}

/** Every object in a returned value, through arrays and plain objects. */
function collect(value: unknown, found: Set<unknown>): void {
  if (typeof value !== "object" || value === null || found.has(value)) return;
  found.add(value);
  if (Array.isArray(value)) for (const item of value) collect(item, found);
  else if (Object.getPrototypeOf(value) === Object.prototype)
    for (const item of Object.values(value)) collect(item, found);
}
