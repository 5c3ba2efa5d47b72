import { engine } from "../engine/module.ts";
import type { Link, Storage } from "../engine/storage.ts";
import { DisposedError, DtypeError, GraphError, ShapeError } from "../errors.ts";
import { type DType, type TypedArray, viewOf } from "./dtype.ts";
import { format } from "./format.ts";
import { takeApart } from "./lazy.ts";
import { currentScope, type Scope } from "./scope.ts";
import { type Nested, type Shape, show, sizeOf } from "./shape.ts";
import type { Step } from "./step.ts";

/** What a handle owns. It stands apart so that it can be given back after the handle itself was collected. */
interface Owned {
  storage: Storage | undefined;
  step: Step | undefined;
  /** Which of the step's outputs it is. */
  output: number;
}

let finalized = 0;
/** The net below tensors that are made in no scope and never disposed. It frees them late or never, so it is never the plan. */
const net = new FinalizationRegistry<Link<Owned>>(({ held: owned }) => {
  if (!owned?.storage) return;
  finalized++;
  giveBack(owned);
});

/** How many tensors were freed only by the garbage collector, because no scope, loop or `dispose()` ended them. */
export function finalizedTensors(): number {
  return finalized;
}

function giveBack(owned: Owned): void {
  owned.storage?.release();
  owned.step?.release();
  owned.storage = undefined;
  owned.step = undefined;
}

/**
 * A handle on dense, row-major numbers in linear memory. It owns one reference to its block; `dispose()`, the end of the scope
 * it was made in, or `using` gives it back.
 */
export class Tensor {
  readonly shape: Shape;
  readonly dtype: DType;
  /** The number of elements. */
  readonly size: number;
  /** The gradient that `backward` accumulated here, if this is a leaf that requires one. */
  grad: Tensor | undefined = undefined;
  readonly #owned: Owned;
  #scope: Scope | undefined;
  #requiresGrad = false;
  /** Set at its end: what it was called, and the scope that ended it, if one did. */
  #endedLabel = "";
  #endedScope: string | undefined;

  /** Takes over one reference to `storage`, and to `step` where one is given. For the engine; users call `tensor()`. */
  constructor(storage: Storage, shape: Shape, dtype: DType, step?: Step, outputIndex = 0) {
    this.shape = shape;
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.#owned = { storage, step, output: outputIndex };
    this.#scope = currentScope();
    if (this.#scope) this.#scope.add(this);
    else this.#catch();
  }

  /** The number of dimensions. */
  get rank(): number {
    return this.shape.length;
  }

  /** Its block. Throws a DisposedError after its end. For the engine and for authors of particles. */
  get storage(): Storage {
    return this.held.exposed();
  }

  /** Its block as it is, which may be lazy, or awaited by a lazy one: to be read by an op, not to be changed. For the engine. */
  get held(): Storage {
    const { storage } = this.#owned;
    if (!storage) throw this.#disposedError();
    return storage;
  }

  /** The recorded step that made it; undefined for leaves. For the engine. */
  get step(): Step | undefined {
    return this.#owned.step;
  }

  /** Which of the step's outputs it is. For the engine. */
  get outputIndex(): number {
    return this.#owned.output;
  }

  get disposed(): boolean {
    return this.#owned.storage === undefined;
  }

  get kept(): boolean {
    return this.#scope === undefined;
  }

  /** What messages and reports call it: `conv1.weight`. */
  get label(): string {
    return this.held.label;
  }

  set label(label: string) {
    this.held.label = label;
  }

  /** Whether gradients flow to or through it. Can be set on leaves: `x.requiresGrad = true`. */
  get requiresGrad(): boolean {
    return this.#requiresGrad || this.#owned.step !== undefined;
  }

  set requiresGrad(wanted: boolean) {
    if (this.#owned.step && !wanted) {
      throw new GraphError(`requiresGrad: only a leaf can stop requiring a gradient; use detach() on ${this.#name()}`);
    }
    if (wanted && this.dtype !== "float32") {
      throw new DtypeError(`requiresGrad: only float32 tensors have gradients, got ${this.dtype} (${this.#name()})`);
    }
    this.#requiresGrad = wanted;
  }

  /** Whether no recorded step made it. */
  get isLeaf(): boolean {
    return this.#owned.step === undefined;
  }

  /**
   * Its elements: a view into linear memory, made at each read and valid until the next tensor is made (memory that grows
   * detaches views). Copy with `.slice()` to keep the numbers; writing through it is not seen by autograd, and writing through one
   * that is older than an op may change what the op gives.
   */
  get data(): TypedArray {
    const { ptr } = this.storage;
    return viewOf(this.dtype, engine().memory.buffer, ptr, this.size);
  }

  /** Its elements, to be read or written at once and not kept: what `data` shows, but nobody outside holds on to it. For the engine. */
  get elements(): TypedArray {
    const { ptr } = this.held.changeable();
    return viewOf(this.dtype, engine().memory.buffer, ptr, this.size);
  }

  /** The only element, as a number. Throws a ShapeError if there is not exactly one. */
  item(): number {
    if (this.size !== 1) {
      throw new ShapeError(
        `item: one element is needed, got ${this.size} (input ${show(this.shape)}); use toArray() or reduce first`,
      );
    }
    return this.elements[0]!;
  }

  /** Its numbers, nested as deep as it has dimensions; a number for a scalar. */
  toArray(): Nested {
    const { elements: data, shape } = this;
    let at = 0;
    const build = (axis: number): Nested =>
      axis === shape.length ? data[at++]! : Array.from({ length: shape[axis]! }, () => build(axis + 1));
    return build(0);
  }

  /** The same numbers in the same block, with no history: gradients stop here. */
  detach(): Tensor {
    return new Tensor(this.storage.retain(), this.shape, this.dtype);
  }

  /** Keeps the gradient of this intermediate result in `.grad` when `backward` passes. */
  retainGrad(): this {
    const { step } = this.#owned;
    if (step?.bypasses) takeApart(step, this.held);
    if (step) (step.retained ??= [])[this.outputIndex] = this;
    return this;
  }

  /** Lets it survive the scope it was made in. */
  keep(): this {
    if (this.#scope) {
      this.#scope = undefined;
      this.#catch();
    }
    return this;
  }

  /** Gives its memory back, and that of its gradient. Any later use throws a DisposedError; a second call does nothing. */
  dispose(): void {
    this.#end(undefined);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  disposeWith(scopeName: string): void {
    this.#end(scopeName);
  }

  /** As PyTorch prints: `tensor([[1., 2.], [3., 4.]])`. */
  toString(): string {
    return format(
      this.elements,
      this.shape,
      this.dtype,
      this.requiresGrad ? (this.step?.particle.name ?? true) : false,
    );
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.disposed ? `tensor(disposed, shape ${show(this.shape)})` : this.toString();
  }

  /** Lays the net below it. */
  #catch(): void {
    const link: Link<Owned> = { held: this.#owned };
    net.register(this, link);
    this.#owned.storage?.linked(link);
  }

  #end(scopeName: string | undefined): void {
    if (this.disposed) return;
    this.#endedLabel = this.#owned.storage!.label;
    this.#endedScope = scopeName;
    this.grad?.dispose();
    this.grad = undefined;
    giveBack(this.#owned);
  }

  #name(): string {
    return `"${this.held.label}" ${show(this.shape)}`;
  }

  #disposedError(): DisposedError {
    const how =
      this.#endedScope === undefined
        ? "by dispose(); remove that call, or move it behind the last use"
        : `when its ${this.#endedScope} ended; call keep() on it inside, or return it from the scope`;
    return new DisposedError(`tensor "${this.#endedLabel}" ${show(this.shape)} was disposed ${how}`);
  }
}
