/** What takes longer than a frame: accuracy over the test images, what excites a filter, where a score comes from. */
import { argmax, crossEntropy, type data, noGrad, type Sora, scope, study, tensor, zeros } from "quarkgrad";
import { digits, trainedSora } from "../work/data.ts";
import { answer } from "../work/remote.ts";
import { type Edits, edited } from "./edits.ts";

interface Loaded {
  readonly model: Sora;
  readonly graph: study.ParticleGraph;
  readonly test: data.ImageDataset;
}

let loaded: Promise<Loaded> | undefined;

function load(base: string): Promise<Loaded> {
  loaded ??= (async () => {
    const [{ model }, test] = await Promise.all([trainedSora(base), digits(base, "test")]);
    return { model, graph: study.decompose(model, zeros([1, 1, 28, 28])), test };
  })();
  return loaded;
}

const batchSize = 100;

function* batches(dataset: data.ImageDataset): Generator<data.ImageBatch & { readonly start: number }> {
  for (let start = 0; start < dataset.length; start += batchSize) {
    const count = Math.min(batchSize, dataset.length - start);
    yield { ...dataset.batch(Int32Array.from({ length: count }, (_, index) => start + index)), start };
  }
}

const functions = {
  /** Loss and accuracy on the test images with these changes. */
  async measure({ base, edits }: { base: string; edits: Edits }) {
    const { graph, test } = await load(base);
    return scope(() =>
      noGrad(() => {
        const changed = edited(graph, edits);
        let loss = 0;
        let right = 0;
        const wrong: number[] = [];
        for (const { images, labels, start } of batches(test)) {
          const scores = changed.run(images) as ReturnType<Sora["forward"]>;
          loss += crossEntropy(scores, labels).item() * labels.size;
          argmax(scores, 1).data.forEach((best, at) => {
            if (best === labels.data[at]) right++;
            else wrong.push(start + at);
          });
        }
        return { samples: test.length, loss: loss / test.length, accuracy: right / test.length, wrong };
      }),
    );
  },

  /** The test images that a filter answers most, and where its answer is greatest. */
  async exciting({ base, node, index }: { base: string; node: string; index: number }) {
    const { graph, test } = await load(base);
    const found: { image: number; value: number; place: number }[] = [];
    for (const { images, start } of batches(test)) {
      noGrad(() =>
        scope(() =>
          graph.run(images, ({ id }, { shape, data: values }) => {
            if (id !== node) return;
            const [count, channels, rows, columns] = shape as [number, number, number, number];
            for (let image = 0; image < count; image++) {
              const from = (image * channels + index) * rows * columns;
              let place = 0;
              for (let at = 1; at < rows * columns; at++) if (values[from + at]! > values[from + place]!) place = at;
              found.push({ image: start + image, value: values[from + place]!, place });
            }
          }),
        ),
      );
    }
    return found
      .sort((a, b) => b.value - a.value)
      .slice(0, 12)
      .map((one) => ({ ...one, pixels: test.images.slice(one.image * 784, (one.image + 1) * 784) }));
  },

  /** Where the score of a class comes from: Grad-CAM, and integrated gradients with the two numbers that must agree. */
  async attribute({ base, pixels, target }: { base: string; pixels: Float32Array; target: number }) {
    const { model } = await load(base);
    return scope(() => {
      const image = tensor(pixels, { shape: [1, 1, 28, 28] });
      const integrated = study.integratedGradients(model, image, target);
      const [sums] = study.completeness(model, image, target, integrated);
      return {
        cam: study.gradCam(model, image, target).data.slice(),
        integrated: integrated.data.slice(),
        sums: { ...sums! },
      };
    });
  },
};

export type SoraFunctions = typeof functions;

answer(functions);
