/** The engine's one observation hook. Profiler, summary, decomposition and pictures hang on it; unobserved, it costs one test. */
import type { AnyParticle } from "./particle.ts";
import type { Tensor } from "./tensor.ts";

/** One application of a particle, seen just after it ran. */
export interface Application {
  readonly particle: AnyParticle;
  readonly attributes: unknown;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly output: Tensor;
}

/** Callbacks around each application and around its backward. All are optional. */
export interface Observer {
  starting?(particle: AnyParticle): void;
  applied?(application: Application): void;
  backwardStarting?(particle: AnyParticle): void;
  backwardDone?(particle: AnyParticle): void;
  /** A module of the library begins its part of a model, and ends it. */
  entering?(module: object): void;
  leaving?(module: object): void;
}

/** The present observer. For the engine. */
export let observer: Observer | undefined;

/** Runs `body` with `watcher` told of every particle applied in it. Observers nest: only the innermost is told. */
export function observe<T>(watcher: Observer, body: () => T): T {
  const outer = observer;
  observer = watcher;
  try {
    return body();
  } finally {
    observer = outer;
  }
}

/** Runs the forward computation of `module`, so that an observer learns which applications are its own. */
export function within<T>(module: object, body: () => T): T {
  if (!observer) return body();
  observer.entering?.(module);
  try {
    return body();
  } finally {
    observer?.leaving?.(module);
  }
}
