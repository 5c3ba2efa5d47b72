/** What every error of the library is an instance of. */
export class QuarkError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

/** Shapes, axes or sizes that do not fit together. */
export class ShapeError extends QuarkError {}

/** A tensor of the wrong dtype. */
export class DtypeError extends QuarkError {}

/** An argument or an option that is not known, or not of the kind that is wanted. */
export class OptionError extends QuarkError {}

/** A wrong use of the autograd graph: no scalar, walked twice, a kept value changed in place. */
export class GraphError extends QuarkError {}

/** A tensor used after its end. */
export class DisposedError extends QuarkError {}

/** A model's state whose names or shapes are not the model's. Nothing was changed. */
export class StateDictError extends QuarkError {}

/** Linear memory ran out. Nothing was allocated; the engine works on. */
export class MemoryError extends QuarkError {}

/** Where a DataError comes from, and the error below it. */
export interface DataErrorOptions extends ErrorOptions {
  /** What was read: `"safetensors"`, `"npy"`, `"pt"`. */
  readonly format?: string;
  /** The byte of the file (of its header's text, for safetensors) at which reading stopped. */
  readonly offset?: number;
}

/** A file or a data set that is missing or not what it says. */
export class DataError extends QuarkError {
  readonly format: string | undefined;
  readonly offset: number | undefined;

  constructor(message?: string, options: DataErrorOptions = {}) {
    super(message, options);
    this.format = options.format;
    this.offset = options.offset;
  }
}

/** A worker thread failed within an op. The op's result was dropped; the engine works on with one thread. */
export class WorkerDiedError extends QuarkError {}
