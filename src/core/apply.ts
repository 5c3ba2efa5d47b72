/** Runs one particle: check, allocate, compute, record. */
import { engine } from "../engine/module.ts";
import { Storage } from "../engine/storage.ts";
import { workspaceFor } from "../engine/workspace.ts";
import { GraphError } from "../errors.ts";
import type { DType } from "./dtype.ts";
import { observer } from "./observe.ts";
import type { AnyParticle, Block, Of, ParticleOf, SeveralParticleOf } from "./particle.ts";
import { type Made, type Prepared, prepare } from "./plans.ts";
import { isRecording } from "./recording.ts";
import { withOrigin } from "./rows.ts";
import { type Shape, sizeOf } from "./shape.ts";
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
  const scalars: Tensor[] = [];
  try {
    const tensors: Record<string, Tensor> = {};
    for (const port in inputs) {
      const operand = inputs[port];
      if (operand === undefined) continue;
      tensors[port] = typeof operand === "number" ? scalar(operand, scalars) : operand;
    }
    const prepared = preparedFor(particle, tensors, attributes);
    const outputs = run(prepared, tensors);
    observer?.applied?.({
      particle,
      attributes: prepared.attributes,
      inputs: tensors,
      outputs,
      output: outputs[prepared.outputs[0]!.name]!,
    });
    return outputs;
  } finally {
    for (const temporary of scalars) temporary.dispose();
  }
}

function run(prepared: Prepared, inputs: Record<string, Tensor>): Record<string, Tensor> {
  const { particle, plan, outputs } = prepared;
  const blocks = inputBlocks(prepared, inputs);
  particle.check?.(blocks, plan);
  const recorded = isRecording() && particle.backward !== undefined && wantsGradient(particle, inputs);
  if (particle.shares || (particle.defers?.(prepared.shapes) && mayDefer())) {
    const made = outputs[0]!;
    const output = particle.shares ? blocks[particle.shares as string]!.storage.retain() : deferred(prepared, blocks);
    const kept: Record<string, Block> = {};
    if (recorded)
      for (const name of particle.keeps as readonly string[]) kept[name] = blockOf(output, made.shape, made.dtype);
    const step = recorded ? new Step(prepared, edgesOf(inputs), kept) : undefined;
    return { output: new Tensor(output, made.shape, made.dtype, step) };
  }

  observer?.starting?.(particle);
  const at: Record<string, Block> & { workspace: number } = Object.assign(blocks as Record<string, never>, {
    workspace: workspaceFor(prepared.forwardBytes),
  });
  const fresh: Storage[] = [];
  try {
    for (const one of outputs) {
      at[one.name] = freshBlock(one, particle.outputs ? `${particle.name} ${one.name}` : particle.name, fresh);
    }
    for (const one of prepared.auxiliary) at[one.name] = freshBlock(one, `${particle.name} ${one.name}`, fresh);
    particle.forward(at as never, plan);
  } catch (error) {
    for (const storage of fresh) storage.release();
    throw error;
  }
  if (particle.state && (particle.updates?.(plan) ?? true)) {
    for (const port of particle.state as readonly string[]) if (blocks[port]) blocks[port].storage.version++;
  }

  let step: Step | undefined;
  if (recorded) {
    const kept: Record<string, Block> = {};
    for (const name of particle.keeps as readonly string[]) if (at[name]) kept[name] = at[name];
    step = new Step(prepared, edgesOf(inputs), kept);
  }
  for (let index = outputs.length; index < fresh.length; index++) fresh[index]!.release();
  return handedOut(prepared, fresh, step);
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

function freshBlock({ shape, dtype, bytes }: Made, label: string, fresh: Storage[]): Block {
  const storage = new Storage(bytes, label, shape);
  fresh.push(storage);
  return blockOf(storage, shape, dtype);
}

/** The inputs as kernels see them: settled, or from before the particle that this one absorbs. */
function inputBlocks({ particle, shapes, plan }: Prepared, inputs: Record<string, Tensor>): Record<string, Block> {
  const absorbed = observer ? undefined : particle.absorbs?.(shapes, plan);
  const blocks: Record<string, Block> = {};
  for (const port in inputs) {
    const { held, dtype } = inputs[port]!;
    const { origin } = held;
    const changes = (particle.state as readonly string[] | undefined)?.includes(port);
    if (changes && (particle.updates?.(plan) ?? true)) held.exposed();
    blocks[port] =
      port === "input" && origin?.work && origin.work === absorbed
        ? { ...blockOf(origin.source, shapes[port]!, dtype), pending: true }
        : blockOf(held.settled(), shapes[port]!, dtype);
  }
  return blocks;
}

/**
 * Whether outputs may wait for their first reader: not under an observer, who sees one application after the other; nor in a page that is
 * not isolated, where memory that grows detaches all views, so that reading one tensor must not take memory.
 */
function mayDefer(): boolean {
  return !observer && engine().shared;
}

/** A block for the output of an application that is computed when it is first read. */
function deferred({ particle, plan, outputs }: Prepared, blocks: Record<string, Block>): Storage {
  const made = outputs[0]!;
  const output: Storage = new Storage(made.bytes, particle.name, made.shape, {
    source: blocks.input!.storage,
    work: particle.absorbable,
    compute(ptr) {
      const at: Record<string, Block> = { ...blocks, output: { ...blockOf(output, made.shape, made.dtype), ptr } };
      particle.forward(Object.assign(at as Record<string, never>, { workspace: 0 }) as never, plan);
    },
  });
  return output;
}

/** What a kernel gets to know of a storage seen in a shape. */
export function blockOf(storage: Storage, shape: Shape, dtype: DType = "float32"): Block {
  return { ptr: storage.ptr, dtype, shape, size: sizeOf(shape), storage };
}

function scalar(value: number, made: Tensor[]): Tensor {
  const result = new Tensor(new Storage(4, "scalar", []), [], "float32");
  made.push(result);
  result.data[0] = value;
  return result;
}

function wantsGradient({ name, state }: AnyParticle, inputs: Record<string, Tensor>): boolean {
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

function edgesOf(inputs: Record<string, Tensor>): Edge[] {
  const edges: Edge[] = [];
  for (const port in inputs) {
    const input = inputs[port]!;
    if (!input.requiresGrad) continue;
    const { shape, step, outputIndex: output } = input;
    edges.push({ port, shape, step, output, leaf: step ? undefined : input });
  }
  return edges;
}
