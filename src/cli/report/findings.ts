/** Everything that the page tells, measured once. */
import { cpus } from "node:os";
import { basename } from "node:path";
import { type data, runtime, type Sora, scope, setThreads, study } from "../../index.ts";
import { ablateWithProgress } from "../importance.ts";
import type { Interrupt } from "../interrupt.ts";
import { UsageError } from "../usage.ts";
import { type DigitStudy, studyDigits } from "./digits.ts";
import { type FilterBank, filterBanks } from "./filters.ts";
import { type Box, flowOf } from "./flow.ts";
import { type Parts, partsOf } from "./parts.ts";
import { type Reading, readAll } from "./reading.ts";

export interface Findings {
  /** The name of the file with the weights, and its own path as it was given. */
  readonly name: string;
  readonly file: string;
  readonly date: string;
  readonly machine: string;
  /** Operations a second of one thread at best. */
  readonly peak: number;
  readonly reading: Reading;
  readonly boxes: readonly Box[];
  readonly mermaid: string;
  readonly parts: readonly Parts[];
  readonly statistics: readonly study.ActivationStatistics[];
  readonly banks: readonly FilterBank[];
  readonly digits: readonly DigitStudy[];
  readonly ablation: study.Ablation;
}

export interface FindingsOptions {
  readonly file: string;
  /** Test images for removals and statistics. */
  readonly limit: number;
  readonly threads: number;
  readonly digits: readonly number[];
  /**
   * Once aborted, the removals end with the batch under way, and the page says on how many images they were measured.
   */
  readonly signal: Interrupt;
}

/** Images on which the bits are compared, and images of the batch that is timed. */
export const comparedImages = 100;
export const timedImages = 64;
const shownMistakes = 24;

/**
 * Measures everything. Times are those of one thread; then `threads` of them do the rest.
 *
 * @throws UsageError where no test image shows one of the digits.
 */
export async function findingsOf(
  model: Sora,
  test: data.ImageDataset,
  { file, limit, threads, digits, signal }: FindingsOptions,
): Promise<Findings> {
  const chosen = digits.map((digit) => ({ digit, index: test.labels.indexOf(digit) }));
  const absent = chosen.find(({ index }) => index < 0);
  if (absent) throw new UsageError(`report: no test image shows a ${absent.digit}; choose other --digits`);
  const peak = study.measurePeak({ repeats: 100 });
  const parts = scope(() => {
    const [images, batch, sample] = [comparedImages, timedImages, 1].map((count) => firstImages(test, count));
    return partsOf(model, { images: images!, batch: batch!, sample: sample!, peak });
  });
  await setThreads(threads);
  const ablation = await ablateWithProgress(model, test, { limit, neurons: true }, signal);
  const rest = scope(() => {
    const { images } = test.batch(chosen.map(({ index }) => index));
    const { images: sample } = test.batch([chosen[0]!.index]);
    const boxes = flowOf(model, sample);
    const activations = boxes.filter(({ kind, shape }) => kind === "activation" && shape.length === 4);
    return {
      reading: readAll(model, test, shownMistakes),
      boxes,
      mermaid: study.decompose(model, sample).toMermaid(),
      statistics: study.activationStatistics(model, test, { limit }),
      banks: filterBanks(model, sample),
      digits: studyDigits(
        model,
        images,
        chosen,
        activations.map(({ id }) => id),
      ),
    };
  }, "report");
  return { name: basename(file), file, date: today(), machine: machine(), peak, parts, ablation, ...rest };
}

function firstImages(test: data.ImageDataset, count: number) {
  return test.batch(Int32Array.from({ length: Math.min(count, test.length) }, (_, index) => index)).images;
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? process.arch;
  const { threads } = runtime();
  return `${model}, Node ${process.versions.node}, ${threads === 1 ? "1 thread" : `${threads} threads`}`;
}
