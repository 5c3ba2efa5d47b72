/** What a model makes of single images: scores, the places they come from, and the maps on the way. */
import { type nn, noGrad, scope, slice, softmax, study, type Tensor } from "../../index.ts";
import { heatOver, type Shown, sheetOf, tiled } from "./pixels.ts";

/** One chosen digit, looked at closely. */
export interface DigitStudy {
  readonly digit: number;
  /** The image's number in the test set. */
  readonly index: number;
  readonly image: Shown;
  readonly predicted: number;
  readonly probabilities: readonly number[];
  /** Where the features that speak for the prediction were found, over the image. */
  readonly gradCam: Shown;
  /** Integrated gradients of the prediction's score. */
  readonly attribution: Shown;
  readonly completeness: study.Completeness;
  /** The feature maps behind each activation. */
  readonly maps: readonly { readonly id: string; readonly channels: number; readonly sheet: Shown }[];
}

/** Pieces of the path of integrated gradients. */
export const steps = 64;

/**
 * Studies the images [N, 1, H, W]. `activations` are the particles behind which feature maps are shown; Grad-CAM looks
 * at the last.
 */
export function studyDigits(
  model: nn.Module,
  images: Tensor,
  chosen: readonly { readonly digit: number; readonly index: number }[],
  activations: readonly string[],
): DigitStudy[] {
  return scope(() => {
    const probabilities = noGrad(() => rowsOf(softmax(model.forward(images), -1)));
    const predictions = probabilities.map((row) => row.indexOf(Math.max(...row)));
    const node = activations.at(-1);
    const cams = rowsOf(study.gradCam(model, images, predictions, node === undefined ? {} : { node }));
    const attribution = study.integratedGradients(model, images, predictions, { steps });
    const sums = study.completeness(model, images, predictions, attribution);
    const maps = new Map(activations.map((id) => [id, study.featureMaps(model, images, { node: id })]));
    return chosen.map(({ digit, index }, row): DigitStudy => {
      const image = sampleOf(images, row);
      return {
        digit,
        index,
        image: sheetOf(image),
        predicted: predictions[row]!,
        probabilities: probabilities[row]!,
        gradCam: heatOver(image.data, cams[row]!, image.shape.at(-1)!),
        attribution: tiled(sampleOf(attribution, row), "signed", "tile"),
        completeness: sums[row]!,
        maps: [...maps].map(([id, all]) => ({ id, channels: all.shape[1]!, sheet: sheetOf(sampleOf(all, row)) })),
      };
    });
  }, "digits");
}

function sampleOf(batch: Tensor, row: number): Tensor {
  return noGrad(() => slice(batch, [[row, row + 1]]));
}

/** The numbers of each sample. */
function rowsOf(batch: Tensor): number[][] {
  const size = batch.size / batch.shape[0]!;
  return Array.from({ length: batch.shape[0]! }, (_, row) => [...batch.data.subarray(row * size, (row + 1) * size)]);
}
