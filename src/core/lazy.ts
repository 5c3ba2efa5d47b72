/**
 * Lazy outputs, and the fused readers that consume them.
 *
 * The output of a lazy particle is computed when somebody looks at it. Its first reader may know a particle that does the work of both:
 * then that one is applied to the inputs of the first, and the recorded step is the fused particle. Its place among the steps is that of
 * the first part, so gradients are summed in the order of the parts. Should anyone read the lazy output later, it is computed; and where a
 * gradient may flow into it, the fused step is taken apart again. So fused or not, the bits are the same.
 */
import type { Origin, Storage } from "../engine/storage.ts";
import { workspaceFor } from "../engine/workspace.ts";
import type { DType } from "./dtype.ts";
import { blockOf, forwardOnce, keptOf } from "./forward.ts";
import { type Application, observer } from "./observe.ts";
import type { Block, Fusion } from "./particle.ts";
import { type Prepared, prepare } from "./plans.ts";
import type { Shape } from "./shape.ts";
import type { Step } from "./step.ts";
import type { Tensor } from "./tensor.ts";

/** An input of an application: a tensor, or what a lazy output remembers of one. */
export interface Source {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly held: Storage;
  readonly requiresGrad: boolean;
  readonly step: Step | undefined;
  readonly outputIndex: number;
  /** The tensor itself, where this only remembers it. */
  readonly handle?: Tensor;
}

type Sources = Readonly<Record<string, Source>>;

/** How the numbers of a lazy output come about. */
export class Lazy implements Origin {
  readonly prepared: Prepared;
  readonly sources: Sources;
  /** For the observer that saw it put off. */
  readonly application: Application | undefined;
  /** Whether a fused reader has done without it. */
  consumed = false;

  constructor(prepared: Prepared, inputs: Sources, application: Application | undefined) {
    const sources: Record<string, Source> = {};
    for (const port in inputs) {
      const { shape, dtype, held, requiresGrad, step, outputIndex, handle = inputs[port] as Tensor } = inputs[port]!;
      sources[port] = { shape, dtype, held, requiresGrad, step, outputIndex, handle };
    }
    this.prepared = prepared;
    this.sources = sources;
    this.application = application;
  }

  get storages(): Storage[] {
    return Object.values(this.sources).map(({ held }) => held);
  }

  compute(ptr: number, storage: Storage): void {
    const { particle, plan, outputs, forwardBytes } = this.prepared;
    const at: Record<string, Block> = {};
    for (const port in this.sources) {
      const { held, shape, dtype } = this.sources[port]!;
      at[port] = blockOf(held.settled(), shape, dtype);
    }
    const [made] = outputs;
    at.output = { ...blockOf(storage, made!.shape, made!.dtype), ptr };
    if (this.application) observer?.starting?.(particle);
    particle.forward({ ...at, workspace: workspaceFor(forwardBytes) } as never, plan);
    if (this.application) observer?.applied?.(this.application);
    if (this.consumed) this.prepared.reread = true;
  }
}

/** A fused particle in the place of its parts. */
export interface Joined {
  readonly prepared: Prepared;
  readonly sources: Sources;
  /** What it stands for, from the first part to the last. */
  readonly parts: readonly Part[];
}

interface Part {
  readonly lazy: Lazy;
  /** The step of the lazy output, where it was recorded. */
  readonly step: Step | undefined;
  /** Who reads that output where the parts run one by one, and through which port. */
  readonly reader: Prepared;
  readonly port: string;
}

/** The particle that does the work of `reader` and of the lazy outputs that it reads, if there is one. */
export function join(reader: Prepared, inputs: Sources): Joined | undefined {
  const parts: Part[] = [];
  let [prepared, sources] = [reader, inputs];
  for (let found = consumable(prepared, sources); found; found = consumable(prepared, sources)) {
    const { rule, source, lazy } = found;
    const own = prepared.attributes;
    const attributes = rule.attributes ? rule.attributes(lazy.prepared.attributes, own) : own;
    parts.unshift({ lazy, step: source.step, reader: prepared, port: rule.port as string });
    sources = source.step ? lazy.sources : withoutHistory(lazy.sources);
    prepared = prepare(rule.as, sources, attributes);
  }
  return parts.length > 0 ? { prepared, sources, parts } : undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: the rule of a particle that is not known
type AnyFusion = Fusion<any, any>;

/** For readers of one port, so that they can be run again alone. */
function consumable(
  { particle, plan, shapes }: Prepared,
  sources: Sources,
): { rule: AnyFusion; source: Source; lazy: Lazy } | undefined {
  if (!particle.fused || Object.keys(shapes).length !== 1) return undefined;
  for (const rule of particle.fused as readonly AnyFusion[]) {
    const source = sources[rule.port as string]!;
    const lazy = source.held.origin;
    if (!(lazy instanceof Lazy) || lazy.prepared.particle !== rule.with || lazy.consumed) continue;
    const { step } = source;
    // A leaf wants the gradient that arrives here, and so does who asked for it by retainGrad.
    if (step ? step.retained || step.bypasses : source.requiresGrad) continue;
    if (rule.when?.(plan) ?? true) return { rule, source, lazy };
  }
  return undefined;
}

function withoutHistory(sources: Sources): Sources {
  const detached: Record<string, Source> = {};
  for (const port in sources) detached[port] = { ...sources[port]!, requiresGrad: false, step: undefined };
  return detached;
}

/** A fused step that goes past the step of a lazy output. */
export interface Bypass extends Part {
  readonly fused: Step;
  /** How many lazy outputs the step still does without where this one is read. */
  readonly depth: number;
  /** The place that the step then has. */
  readonly id: number;
}

/** Notes that the lazy outputs were consumed, by the step that was recorded, if one was. */
export function consume({ parts }: Joined, fused: Step | undefined): void {
  const last = fused?.id ?? 0;
  for (const [index, part] of parts.entries()) {
    part.lazy.consumed = true;
    if (!fused || !part.step) continue;
    const id = parts[index + 1]?.step?.id ?? last;
    (part.step.bypasses ??= []).push({ ...part, fused, depth: parts.length - 1 - index, id });
  }
  const first = parts[0]!.step;
  if (fused && first) fused.moveTo(first.id, parts.length);
}

/** Lets gradients flow into a lazy output that a fused step has gone past: the step becomes what reads that output. */
export function takeApart(step: Step, held: Storage): void {
  for (const { lazy, reader, port, fused, depth, id } of step.bypasses ?? []) {
    lazy.prepared.reread = true;
    if (!fused.kept || fused.depth <= depth) continue;
    const { shape, dtype } = lazy.prepared.outputs[0]!;
    const { at, fresh } = forwardOnce(reader, { [port]: blockOf(held.settled(), shape, dtype) });
    fused.become(reader, [{ port, shape, step, output: 0, leaf: undefined }], keptOf(reader, at), id, depth);
    for (const storage of fresh) storage.release();
  }
  step.bypasses = undefined;
}

/** The parts as an observer sees them. The first of them were put off before. */
export function applicationsOf({ parts }: Joined, reader: Application): readonly (Application | undefined)[] {
  return [...parts.map(({ lazy }) => lazy.application), reader];
}
