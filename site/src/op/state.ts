import type { Particle } from "./particles.ts";
import { flat, type Numbers, nested } from "./values.ts";

/** Everything that can be changed on an op's page, and so all that its link carries. */
export interface OpState {
  readonly inputs: Readonly<Record<string, Numbers>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The gradient that arrives, where it was changed. */
  readonly grad?: readonly number[] | undefined;
}

/** An element: of a port, or of the output. */
export interface Point {
  readonly port: string;
  readonly index: number;
}

export const outputPort = "output";

export function exampleState({ example }: Particle): OpState {
  const inputs = Object.entries((example?.inputs ?? {}) as Record<string, unknown>);
  return {
    inputs: Object.fromEntries(inputs.map(([port, value]) => [port, flat(value)])),
    attributes: { ...(example?.attributes as object | undefined) },
  };
}

/** The state that an address tells; what it does not name, or not rightly, is as in the example. */
export function stateOf(particle: Particle, query: URLSearchParams): OpState {
  const start = exampleState(particle);
  const inputs = { ...start.inputs };
  for (const [port, value] of Object.entries(object(query.get("inputs")))) {
    if (port in inputs) inputs[port] = attempt(() => flat(value)) ?? inputs[port]!;
  }
  const attributes = { ...start.attributes };
  for (const [key, value] of Object.entries(object(query.get("attributes")))) {
    if (key in attributes) attributes[key] = value;
  }
  const grad = attempt(() => flat(JSON.parse(query.get("grad") ?? "null")).data);
  return { inputs, attributes, ...(grad && { grad }) };
}

/** What an address has to say of the state: only what is not the example's. */
export function queryOf(particle: Particle, { inputs, attributes, grad }: OpState): Record<string, string | undefined> {
  const start = exampleState(particle);
  const changed = (now: Readonly<Record<string, unknown>>, then: Readonly<Record<string, unknown>>) => {
    const entries = Object.entries(now).filter(([key, value]) => text(value) !== text(then[key]));
    return entries.length > 0 ? text(Object.fromEntries(entries)) : undefined;
  };
  const arrays = (of: Readonly<Record<string, Numbers>>) =>
    Object.fromEntries(Object.entries(of).map(([port, numbers]) => [port, nested(numbers)]));
  return {
    inputs: changed(arrays(inputs), arrays(start.inputs)),
    attributes: changed(attributes, start.attributes),
    grad: grad && text(grad),
  };
}

export function pointOf(query: URLSearchParams): Point | undefined {
  const [, port, index] = /^(\w+):(\d+)$/.exec(query.get("at") ?? "") ?? [];
  return port === undefined ? undefined : { port, index: Number(index) };
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === "number" && !Number.isFinite(part) ? `${part}` : part));
}

function object(json: string | null): Record<string, unknown> {
  const value = attempt(() => JSON.parse(json ?? "null"));
  return typeof value === "object" && value !== null ? value : {};
}

function attempt<T>(f: () => T): T | undefined {
  try {
    return f();
  } catch {
    return undefined;
  }
}
