/** A worker's functions, called as if they were here. Each answer that comes belongs to the oldest question of its number. */
export function remote<Functions extends Record<string, (argument: never) => unknown>>(worker: Worker) {
  let last = 0;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const fail = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.addEventListener("message", ({ data: { id, value, error } }) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(error));
  });
  worker.addEventListener("error", ({ message }) => fail(new Error(message || "the worker could not be started")));
  return <Name extends keyof Functions & string>(
    name: Name,
    argument: Parameters<Functions[Name]>[0],
  ): Promise<Awaited<ReturnType<Functions[Name]>>> =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage({ id, name, argument });
    });
}

/** Answers in a worker, one question after another. */
export function answer(functions: Record<string, (argument: never) => unknown>): void {
  let turn: Promise<unknown> = Promise.resolve();
  addEventListener("message", ({ data: { id, name, argument } }) => {
    turn = turn.then(async () => {
      try {
        postMessage({ id, value: await functions[name]!(argument as never) });
      } catch (error) {
        postMessage({ id, error: error instanceof Error ? error.message : String(error) });
      }
    });
  });
}

/** Where the site lies. */
export const base = (): string => new URL("./", document.baseURI).href;
