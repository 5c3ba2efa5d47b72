/** Runs one particle: check, allocate, compute, record. */
import { engine } from "../engine/module.ts";
import { relieve, relieveFully, Storage } from "../engine/storage.ts";
import { GraphError, MemoryError } from "../errors.ts";
import { blockOf, forwardOnce, keptOf } from "./forward.ts";
import { applicationsOf, consume, type Joined, join, Lazy, type Source, takeApart } from "./lazy.ts";
import { type Application, observer } from "./observe.ts";
import type { AnyParticle, Block, Of, ParticleOf, SeveralParticleOf } from "./particle.ts";
import { type Prepared, prepare } from "./plans.ts";
import { isRecording } from "./recording.ts";
import { withOrigin } from "./rows.ts";
import { type Edge, Step } from "./step.ts";
import { Tensor } from "./tensor.ts";

/** A tensor, or a number that stands for a float32 scalar. */
export type Operand = Tensor | number;

/**
 * Applies `particle` to `inputs` and returns its output, or a record of its outputs where it has several. A number among the inputs is a
 * float32 scalar. Where recording is on and an input requires a gradient, the application becomes a step of the graph.
 *
 * @throws DtypeError, or whatever the particle's plan and shape rule throw, before any memory is taken; MemoryError with nothing lost.
 */
export function apply<Ports extends object, Attributes>(
  particle: ParticleOf<Ports, Attributes>,
  inputs: Of<Ports, Operand | undefined>,
  attributes: Attributes,
): Tensor;
export function apply<Ports extends object, Attributes, Outputs extends object>(
  particle: SeveralParticleOf<Ports, Attributes, Outputs>,
  inputs: Of<Ports, Operand | undefined>,
  attributes: Attributes,
): Of<Outputs, Tensor>;
export function apply(
  particle: AnyParticle,
  inputs: Readonly<Record<string, Operand | undefined>>,
  attributes: unknown,
): Tensor | Record<string, Tensor> {
  const outputs = applied(particle, inputs, attributes);
  return particle.outputs ? outputs : outputs.output!;
}

/** The outputs by name, for readers who do not know the particle; one output is named `output`. */
export function applied(
  particle: AnyParticle,
  inputs: Readonly<Record<string, Operand | undefined>>,
  attributes: unknown,
): Record<string, Tensor> {
  relieve();
  const scalars: Tensor[] = [];
  try {
    const tensors: Record<string, Tensor> = {};
    for (const port in inputs) {
      const operand = inputs[port];
      if (operand === undefined) continue;
      tensors[port] = typeof operand === "number" ? scalar(operand, scalars) : operand;
    }
    const own = preparedFor(particle, tensors, attributes);
    const joined = particle.fused && join(own, tensors);
    const outputs = joined ? runRelieved(joined.prepared, joined.sources, joined) : runRelieved(own, tensors);
    if (observer && !isLazy(outputs)) tell(own, tensors, outputs, joined);
    return outputs;
  } finally {
    for (const temporary of scalars) temporary.dispose();
  }
}

/** Tells the observer of what ran. */
function tell(own: Prepared, inputs: Record<string, Tensor>, outputs: Record<string, Tensor>, joined?: Joined): void {
  const application = applicationOf(own, inputs, outputs);
  if (!joined) {
    observer!.applied?.(application);
    return;
  }
  const handles: Record<string, Tensor> = {};
  for (const port in joined.sources) handles[port] = joined.sources[port]!.handle!;
  const parts = applicationsOf(joined, application);
  observer!.applied?.({ ...applicationOf(joined.prepared, handles, outputs), parts });
}

function applicationOf(
  { particle, attributes, outputs: made }: Prepared,
  inputs: Record<string, Tensor>,
  outputs: Record<string, Tensor>,
): Application {
  return { particle, attributes, inputs, outputs, output: outputs[made[0]!.name]! };
}

const isLazy = ({ output }: Record<string, Tensor>) => output?.held.origin !== undefined;

/** Runs it; where memory is exhausted, once more with all moved to the heap that it does not read. */
function runRelieved(
  prepared: Prepared,
  inputs: Readonly<Record<string, Source>>,
  joined?: Joined,
): Record<string, Tensor> {
  try {
    return run(prepared, inputs, joined);
  } catch (error) {
    if (!(error instanceof MemoryError)) throw error;
    if (!relieveFully(new Set(Object.values(inputs).map(({ held }) => held)))) throw error;
    return run(prepared, inputs, joined);
  }
}

function run(prepared: Prepared, inputs: Readonly<Record<string, Source>>, joined?: Joined): Record<string, Tensor> {
  const { particle, plan, outputs } = prepared;
  const recorded = isRecording() && particle.backward !== undefined && wantsGradient(particle, inputs);
  if (particle.lazy?.(prepared.shapes, plan) && !prepared.reread && engine().shared) {
    return putOff(prepared, inputs, recorded);
  }
  if (recorded) for (const port in inputs) flowInto(inputs[port]!);
  const blocks = inputBlocks(prepared, inputs);
  particle.check?.(blocks, plan);
  if (particle.shares) {
    const made = outputs[0]!;
    const output = blocks[particle.shares as string]!.storage.retain();
    const step = recorded ? new Step(prepared, edgesOf(inputs), {}) : undefined;
    return { output: new Tensor(output, made.shape, made.dtype, step) };
  }

  observer?.starting?.(particle);
  const { at, fresh } = forwardOnce(prepared, blocks);
  if (particle.state && (particle.updates?.(plan) ?? true)) {
    for (const port of particle.state as readonly string[]) if (blocks[port]) blocks[port].storage.version++;
  }
  const step = recorded ? new Step(prepared, edgesOf(inputs), keptOf(prepared, at)) : undefined;
  if (joined) consume(joined, step);
  for (let index = outputs.length; index < fresh.length; index++) fresh[index]!.release();
  return handedOut(prepared, fresh, step);
}

/**
 * An output that is computed when somebody looks at it. Not in a page that is not isolated, where memory that grows detaches all views, so
 * that reading one tensor must not take memory.
 */
function putOff(
  prepared: Prepared,
  inputs: Readonly<Record<string, Source>>,
  recorded: boolean,
): Record<string, Tensor> {
  const { particle, outputs } = prepared;
  const { name, shape, dtype, bytes } = outputs[0]!;
  if (recorded) for (const port in inputs) flowInto(inputs[port]!);
  // What the observer is told of is complete once the output is there.
  const application = observer ? { ...applicationOf(prepared, inputs as Record<string, Tensor>, {}) } : undefined;
  const storage = new Storage(bytes, particle.name, shape, new Lazy(prepared, inputs, application));
  const kept = recorded && (particle.keeps as readonly string[]).includes(name);
  const step = recorded
    ? new Step(prepared, edgesOf(inputs), {
        ...keptOf(prepared, lazyBlocks(inputs)),
        ...(kept && { output: blockOf(storage, shape, dtype) }),
      })
    : undefined;
  const output = new Tensor(storage, shape, dtype, step);
  if (application) {
    Object.assign(application, { outputs: { output }, output });
    observer!.putOff?.(application);
  }
  return { output };
}

function lazyBlocks(inputs: Readonly<Record<string, Source>>): Record<string, Block> {
  const blocks: Record<string, Block> = {};
  for (const port in inputs) {
    const { held, shape, dtype } = inputs[port]!;
    blocks[port] = blockOf(held, shape, dtype);
  }
  return blocks;
}

/** A fused step may have gone past the input's. */
function flowInto({ step, held }: Source): void {
  if (step?.bypasses) takeApart(step, held);
}

/** The outputs as tensors. Each one that gradients flow through owns the step. */
function handedOut(
  { outputs }: Prepared,
  storages: readonly Storage[],
  step: Step | undefined,
): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  for (let index = 0; index < outputs.length; index++) {
    const { name, shape, dtype, differentiable } = outputs[index]!;
    const own = differentiable ? step : undefined;
    own?.retain();
    tensors[name] = new Tensor(storages[index]!, shape, dtype, own, index);
  }
  step?.release();
  return tensors;
}

/** A plan; an error of a shape rule tells of a reshape before that may be its cause. */
function preparedFor(particle: AnyParticle, inputs: Record<string, Tensor>, attributes: unknown): Prepared {
  try {
    return prepare(particle, inputs, attributes);
  } catch (error) {
    throw withOrigin(error, Object.values(inputs));
  }
}

/** The inputs as kernels see them. */
function inputBlocks(
  { particle, shapes, plan }: Prepared,
  inputs: Readonly<Record<string, Source>>,
): Record<string, Block> {
  const blocks: Record<string, Block> = {};
  for (const port in inputs) {
    const { held, dtype } = inputs[port]!;
    const changes = (particle.state as readonly string[] | undefined)?.includes(port);
    if (changes && (particle.updates?.(plan) ?? true)) held.exposed();
    blocks[port] = blockOf(held.settled(), shapes[port]!, dtype);
  }
  return blocks;
}

function scalar(value: number, made: Tensor[]): Tensor {
  const result = new Tensor(new Storage(4, "scalar", []), [], "float32");
  made.push(result);
  result.elements[0] = value;
  return result;
}

function wantsGradient({ name, state }: AnyParticle, inputs: Readonly<Record<string, Source>>): boolean {
  let wanted = false;
  for (const port in inputs) {
    if (!inputs[port]!.requiresGrad) continue;
    if ((state as readonly string[] | undefined)?.includes(port)) {
      throw new GraphError(
        `${name}: ${port} is state, which no gradient flows to, but it requires one; pass ${port}.detach()`,
      );
    }
    wanted = true;
  }
  return wanted;
}

function edgesOf(inputs: Readonly<Record<string, Source>>): Edge[] {
  const edges: Edge[] = [];
  for (const port in inputs) {
    const input = inputs[port]!;
    if (!input.requiresGrad) continue;
    const { shape, step, outputIndex: output } = input;
    edges.push({ port, shape, step, output, leaf: step ? undefined : (input.handle ?? (input as Tensor)) });
  }
  return edges;
}
