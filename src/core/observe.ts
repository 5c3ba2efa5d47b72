/** The engine's one observation hook. Profiler, summary, decomposition and pictures hang on it; unobserved, it costs one test. */
import type { AnyParticle } from "./particle.ts";
import type { Tensor } from "./tensor.ts";

/** One application of a particle. */
export interface Application {
  readonly particle: AnyParticle;
  readonly attributes: unknown;
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** By name; one output is named `output`. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** The only output, or the first. */
  readonly output: Tensor;
  /**
   * Where it is a fused particle: the applications that it stands for, the last of them with the same output. Those before it were put off;
   * undefined where the observer was not there at that time.
   */
  readonly parts?: readonly (Application | undefined)[];
}

/** Callbacks around each application and around its backward. All are optional. */
export interface Observer {
  starting?(particle: AnyParticle): void;
  /** Seen just after it ran; a lazy one when somebody looked at its output. */
  applied?(application: Application): void;
  /** A lazy one was put off. It may run later, be part of a fused one, or never run. */
  putOff?(application: Application): void;
  backwardStarting?(particle: AnyParticle): void;
  backwardDone?(particle: AnyParticle): void;
  /** A module begins its forward computation, and ends it; modules within modules. */
  entering?(module: object): void;
  leaving?(module: object): void;
}

/** The present observer. For the engine. */
export let observer: Observer | undefined;
/** The module whose forward computation the observer sees run. */
let innermost: object | undefined;

/** Runs `body` with `watcher` told of every particle applied in it. Observers nest: only the innermost is told. */
export function observe<T>(watcher: Observer, body: () => T): T {
  const [outer, running] = [observer, innermost];
  observer = watcher;
  innermost = undefined;
  try {
    return body();
  } finally {
    observer = outer;
    innermost = running;
  }
}

/**
 * Runs the forward computation of `module`, so that an observer learns which applications are its own. A `forward` that calls that of its
 * base class is one run.
 */
export function within<T>(module: object, body: () => T): T {
  if (!observer || module === innermost) return body();
  const outer = innermost;
  innermost = module;
  observer.entering?.(module);
  try {
    return body();
  } finally {
    innermost = outer;
    observer?.leaving?.(module);
  }
}
