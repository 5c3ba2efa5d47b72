/** Runs one particle: check, allocate, compute, record. */
import { engine } from "../engine/module.ts";
import { Storage } from "../engine/storage.ts";
import { workspaceFor } from "../engine/workspace.ts";
import type { DType } from "./dtype.ts";
import { observer } from "./observe.ts";
import type { AnyParticle, Block, Of, ParticleOf } from "./particle.ts";
import { type Made, type Prepared, prepare } from "./plans.ts";
import { isRecording } from "./recording.ts";
import { withOrigin } from "./rows.ts";
import { type Shape, sizeOf } from "./shape.ts";
import { type Edge, Step } from "./step.ts";
import { Tensor } from "./tensor.ts";

/** A tensor, or a number that stands for a float32 scalar. */
export type Operand = Tensor | number;

interface Applied {
  readonly prepared: Prepared;
  readonly output: Tensor;
}

/**
 * Applies `particle` to `inputs` and returns its output. A number among the inputs is a float32 scalar. Where recording is on and
 * an input requires a gradient, the application becomes a step of the graph.
 *
 * @throws DtypeError, or whatever the particle's shape rule throws, before any memory is taken; MemoryError with nothing lost.
 */
export function apply<Ports extends object, Attributes>(
  particle: ParticleOf<Ports, Attributes>,
  inputs: Of<Ports, Operand | undefined>,
  attributes: Attributes,
): Tensor {
  const scalars: Tensor[] = [];
  try {
    const tensors: Record<string, Tensor> = {};
    for (const port in inputs) {
      const operand = inputs[port];
      if (operand === undefined) continue;
      tensors[port] = typeof operand === "number" ? scalar(operand, scalars) : operand;
    }
    const { prepared, output } = run(particle, tensors, attributes);
    observer?.applied?.({ particle, attributes: prepared.attributes, inputs: tensors, output });
    return output;
  } finally {
    for (const temporary of scalars) temporary.dispose();
  }
}

function run(particle: AnyParticle, inputs: Record<string, Tensor>, attributes: unknown): Applied {
  const prepared = preparedFor(particle, inputs, attributes);
  const { plan, output: made } = prepared;
  const blocks = inputBlocks(prepared, inputs);
  particle.check?.(blocks, plan);
  const recorded = isRecording() && particle.backward !== undefined && wantsGradient(inputs);
  if (particle.shares || (particle.defers?.(prepared.shapes) && mayDefer())) {
    const output = particle.shares ? blocks[particle.shares as string]!.storage.retain() : deferred(prepared, blocks);
    const kept: Record<string, Block> = {};
    if (recorded)
      for (const name of particle.keeps as readonly string[]) kept[name] = blockOf(output, made.shape, made.dtype);
    const step = recorded ? new Step(prepared, edgesOf(inputs), kept) : undefined;
    return { prepared, output: new Tensor(output, made.shape, made.dtype, step) };
  }

  observer?.starting?.(particle);
  const at: Record<string, Block> & { workspace: number } = Object.assign(blocks as Record<string, never>, {
    workspace: workspaceFor(prepared.forwardBytes),
  });
  const fresh: Storage[] = [];
  try {
    at.output = freshBlock(made, particle.name, fresh);
    for (const one of prepared.auxiliary) at[one.name] = freshBlock(one, `${particle.name} ${one.name}`, fresh);
    particle.forward(at, plan);
  } catch (error) {
    for (const storage of fresh) storage.release();
    throw error;
  }

  let step: Step | undefined;
  if (recorded) {
    const kept: Record<string, Block> = {};
    for (const name of particle.keeps as readonly string[]) if (at[name]) kept[name] = at[name];
    step = new Step(prepared, edgesOf(inputs), kept);
  }
  for (let index = 1; index < fresh.length; index++) fresh[index]!.release();
  return { prepared, output: new Tensor(fresh[0]!, made.shape, made.dtype, step) };
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
function deferred({ particle, plan, output: made }: Prepared, blocks: Record<string, Block>): Storage {
  const output: Storage = new Storage(made.bytes, particle.name, made.shape, {
    source: blocks.input!.storage,
    work: particle.absorbable,
    compute(ptr) {
      const at: Record<string, Block> = { ...blocks, output: { ...blockOf(output, made.shape, made.dtype), ptr } };
      particle.forward(Object.assign(at as Record<string, never>, { workspace: 0 }), plan);
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

function wantsGradient(inputs: Record<string, Tensor>): boolean {
  for (const port in inputs) if (inputs[port]!.requiresGrad) return true;
  return false;
}

function edgesOf(inputs: Record<string, Tensor>): Edge[] {
  const edges: Edge[] = [];
  for (const port in inputs) {
    const input = inputs[port]!;
    if (!input.requiresGrad) continue;
    edges.push({ port, shape: input.shape, step: input.step, leaf: input.step ? undefined : input });
  }
  return edges;
}
