/** Runs one particle: check, allocate, compute, record. */
import { engine } from "../engine/module.ts";
import { Storage } from "../engine/storage.ts";
import { workspaceFor } from "../engine/workspace.ts";
import { DtypeError } from "../errors.ts";
import { bytesOf, type DType } from "./dtype.ts";
import { observer } from "./observe.ts";
import type { AnyParticle, Auxiliary, Block, Of, Particle } from "./particle.ts";
import { isRecording } from "./recording.ts";
import { withOrigin } from "./rows.ts";
import { type Shape, show, sizeOf } from "./shape.ts";
import { type Edge, Step } from "./step.ts";
import { Tensor } from "./tensor.ts";

/** A tensor, or a number that stands for a float32 scalar. */
export type Operand = Tensor | number;

/**
 * Applies `particle` to `inputs` and returns its output. A number among the inputs is a float32 scalar. Where recording is on and
 * an input requires a gradient, the application becomes a step of the graph.
 *
 * @throws DtypeError, or whatever the particle's shape rule throws, before any memory is taken; MemoryError with nothing lost.
 */
export function apply<Ports extends object, Attributes>(
  // biome-ignore lint/suspicious/noExplicitAny: what is kept and added concerns only the particle
  particle: Particle<Ports, Attributes, any, any>,
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
    const output = run(particle, tensors, attributes);
    observer?.applied?.({ particle, attributes, inputs: tensors, output });
    return output;
  } finally {
    for (const temporary of scalars) temporary.dispose();
  }
}

function run(particle: AnyParticle, inputs: Record<string, Tensor>, attributes: unknown): Tensor {
  const shapes: Record<string, Shape> = {};
  for (const port in inputs) {
    const { dtype, shape } = inputs[port]!;
    const wanted = wantedDtype(particle, port);
    if (dtype !== wanted && wanted !== "any") throw wrongDtype(particle.name, port, dtype, wanted, shape);
    shapes[port] = shape;
  }
  const shape = outputShape(particle, inputs, shapes, attributes);
  const dtype = outputDtype(particle, inputs);
  const blocks = inputBlocks(particle, inputs, shapes, attributes);
  particle.check?.(blocks, attributes);
  const recorded = isRecording() && particle.backward !== undefined && wantsGradient(inputs);
  if (particle.shares || (particle.defers?.(shapes) && mayDefer())) {
    const output = particle.shares
      ? blocks[particle.shares as string]!.storage.retain()
      : deferred(particle, blocks, shape, dtype, attributes);
    const kept: Record<string, Block> = {};
    if (recorded) for (const name of particle.keeps as readonly string[]) kept[name] = blockOf(output, shape, dtype);
    const step = recorded ? new Step(particle, attributes, shape, shapes, edgesOf(inputs), kept) : undefined;
    return new Tensor(output, shape, dtype, step);
  }

  observer?.starting?.(particle);
  const workspace = workspaceFor(particle.workspace?.(shapes, attributes) ?? 0);
  const made: Storage[] = [];
  const at: Record<string, Block> & { workspace: number } = Object.assign(blocks as Record<string, never>, {
    workspace,
  });
  try {
    const output = new Storage(sizeOf(shape) * bytesOf[dtype], particle.name, shape);
    made.push(output);
    at.output = blockOf(output, shape, dtype);
    const auxiliary: Record<string, Auxiliary> = particle.aux?.(shapes, attributes) ?? {};
    for (const name in auxiliary) {
      const { shape: auxShape, dtype: auxDtype } = auxiliary[name]!;
      const storage = new Storage(sizeOf(auxShape) * bytesOf[auxDtype], `${particle.name} ${name}`, auxShape);
      made.push(storage);
      at[name] = blockOf(storage, auxShape, auxDtype);
    }
    particle.forward(at, attributes);
  } catch (error) {
    for (const storage of made) storage.release();
    throw error;
  }

  let step: Step | undefined;
  if (recorded) {
    const kept: Record<string, Block> = {};
    for (const name of particle.keeps as readonly string[]) if (at[name]) kept[name] = at[name];
    step = new Step(particle, attributes, shape, shapes, edgesOf(inputs), kept);
  }
  for (let index = 1; index < made.length; index++) made[index]!.release();
  return new Tensor(made[0]!, shape, dtype, step);
}

/** The inputs as kernels see them: settled, or from before the particle that this one absorbs. */
function inputBlocks(
  particle: AnyParticle,
  inputs: Record<string, Tensor>,
  shapes: Record<string, Shape>,
  attributes: unknown,
): Record<string, Block> {
  const absorbed = observer ? undefined : particle.absorbs?.(shapes, attributes);
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
function deferred(
  particle: AnyParticle,
  blocks: Record<string, Block>,
  shape: Shape,
  dtype: DType,
  attributes: unknown,
): Storage {
  const output: Storage = new Storage(sizeOf(shape) * bytesOf[dtype], particle.name, shape, {
    source: blocks.input!.storage,
    work: particle.absorbable,
    compute(ptr) {
      const at: Record<string, Block> = { ...blocks, output: { ...blockOf(output, shape, dtype), ptr } };
      particle.forward(Object.assign(at as Record<string, never>, { workspace: 0 }), attributes);
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

function wantedDtype({ dtypes }: AnyParticle, port: string): DType | "any" {
  return dtypes === "any" ? "any" : ((dtypes as Record<string, DType | "any"> | undefined)?.[port] ?? "float32");
}

function outputShape(
  particle: AnyParticle,
  inputs: Record<string, Tensor>,
  shapes: Record<string, Shape>,
  attributes: unknown,
): Shape {
  try {
    return particle.shape(shapes, attributes);
  } catch (error) {
    throw withOrigin(error, Object.values(inputs));
  }
}

function outputDtype(particle: AnyParticle, inputs: Record<string, Tensor>): DType {
  const rule = particle.outputDtype as string | undefined;
  if (rule === undefined) return "float32";
  return inputs[rule]?.dtype ?? (rule as DType);
}

function wrongDtype(op: string, port: string, dtype: DType, wanted: DType, shape: Shape): DtypeError {
  return new DtypeError(
    `${op}: ${port} must be ${wanted}, got ${dtype} (${port} ${show(shape)}); convert it with to("${wanted}")`,
  );
}
