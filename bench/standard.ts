/** Applications of every particle at the shapes on which other engines and papers report. */
import type { Application } from "../src/core/observe.ts";
import * as quark from "../src/index.ts";
import { seenIn } from "./subjects.ts";

const { rand, randint } = quark;
type Tensor = ReturnType<typeof rand>;

const leaf = (...shape: number[]) => {
  const made = rand(shape);
  made.requiresGrad = true;
  return made;
};
const conv =
  (input: number[], weight: number[], options = {}) =>
  () =>
    quark.conv2d(leaf(...input), leaf(...weight), undefined, options);

/**
 * The layer shapes on which other engines and papers report, and calls that a particle's name and one float tensor do
 * not give.
 */
const standardCalls: readonly (() => unknown)[] = [
  conv([64, 64, 14, 14], [64, 64, 1, 1]),
  conv([8, 64, 56, 56], [128, 64, 1, 1], { stride: 2 }),
  conv([64, 32, 14, 14], [64, 32, 5, 5], { padding: 2 }),
  conv([8, 3, 64, 64], [64, 3, 7, 7], { stride: 2, padding: 3 }),
  conv([8, 64, 56, 56], [64, 64, 3, 3], { stride: 2 }),
  conv([16, 32, 28, 28], [64, 32, 3, 3], { dilation: 2 }),
  conv([64, 64, 14, 14], [64, 16, 3, 3], { groups: 4, padding: 1 }),
  conv([16, 128, 8, 8], [128, 128, 3, 3], { padding: 1 }),
  conv([1, 256, 28, 28], [256, 256, 3, 3], { padding: 1 }),
  conv([1, 64, 56, 56], [64, 64, 3, 3], { padding: 1 }),
  conv([64, 32, 14, 14], [32, 1, 3, 3], { groups: 32, padding: 1 }),
  () => quark.matmul(leaf(64, 3136), leaf(3136, 128)),
  () => quark.matmul(leaf(1, 3136), leaf(3136, 128)),
  () => quark.linear(leaf(64, 3136), leaf(128, 3136), leaf(128)),
  () => quark.sum(leaf(1_600_000)),
  () => quark.concat([leaf(64, 32, 28, 28), leaf(64, 32, 28, 28)], 1),
  () => quark.slice(leaf(64, 32, 28, 28), [null, null, [1, 27], [1, 27]]),
  () => quark.pad(leaf(64, 32, 28, 28), [1, 1, 1, 1]),
  () => quark.permute(leaf(64, 32, 28, 28), [0, 2, 3, 1]),
  () => quark.expand(leaf(1, 32, 1, 1), [64, 32, 28, 28]),
  () => quark.gather(leaf(1000, 1000), 1, randint(1000, [1000, 1000])),
  () => quark.indexSelect(leaf(1000, 1000), 0, randint(1000, [1000])),
  () => quark.softmax(leaf(1000, 1000), 1),
  () => quark.logSoftmax(leaf(1000, 1000), 1),
  () => quark.crossEntropy(leaf(64, 1000), randint(1000, [64])),
  () => quark.nllLoss(leaf(64, 1000), randint(1000, [64])),
  () => quark.maxPool2d(leaf(64, 32, 28, 28), 2),
  () => quark.avgPool2d(leaf(64, 32, 28, 28), 2),
  () => quark.float(randint(10, [1_000_000])),
  () => quark.where(quark.gt(rand([1_000_000]), 0.5), leaf(1_000_000), leaf(1_000_000)),
];

/** Layers of 3×3, 5×5 and 7×7 that the general convolution must carry alone, where Winograd's is turned off. */
const generalCalls: readonly (() => unknown)[] = [
  conv([64, 32, 14, 14], [64, 32, 3, 3], { padding: 1 }),
  conv([64, 64, 14, 14], [32, 64, 3, 3], { padding: 1 }),
  conv([1, 64, 56, 56], [64, 64, 3, 3], { padding: 1 }),
  conv([16, 128, 8, 8], [128, 128, 3, 3], { padding: 1 }),
  conv([1, 256, 28, 28], [256, 256, 3, 3], { padding: 1 }),
  conv([64, 8, 28, 28], [8, 8, 3, 3], { padding: 1 }),
  conv([64, 32, 14, 14], [64, 32, 5, 5], { padding: 2 }),
  conv([64, 8, 28, 28], [16, 8, 5, 5], { padding: 2 }),
  conv([16, 16, 28, 28], [32, 16, 7, 7], { padding: 3 }),
  conv([64, 32, 7, 7], [32, 32, 7, 7], { padding: 3 }),
];

/** Their applications, one after the other. */
export function* generalConvolutions(): Generator<Application> {
  for (const call of generalCalls) yield* attempt(call);
}

/**
 * An application of every particle at a standard shape, one after the other; those that no call above reaches, and that
 * are not in `seen`, are tried on one, two and three tensors of a million numbers. Returns the names of those that
 * nothing reached.
 */
export function* standardApplications(seen: readonly Application[]): Generator<Application, string[]> {
  const reached = new Set(seen.map(({ particle }) => particle));
  for (const call of standardCalls) {
    const application = attempt(call).at(-1);
    if (!application) continue;
    reached.add(application.particle);
    yield application;
  }
  const missing: string[] = [];
  for (const particle of quark.particles) {
    if (particle.shares || reached.has(particle)) continue;
    const apply = (quark as unknown as Record<string, ((...inputs: Tensor[]) => unknown) | undefined>)[particle.name];
    const find = (count: number) =>
      attempt(() => apply?.(...Array.from({ length: count }, () => leaf(1_000_000)))).find(
        (one) => one.particle === particle,
      );
    const application = find(1) ?? find(2) ?? find(3);
    if (application) yield application;
    else missing.push(particle.name);
  }
  return missing;
}

/** What a call applied; nothing where it refuses its inputs. */
function attempt(call: () => unknown): Application[] {
  try {
    return seenIn(call as () => void);
  } catch {
    return [];
  }
}
