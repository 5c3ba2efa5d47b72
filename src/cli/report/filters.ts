/** The filters of a model as pictures. */
import { type nn, noGrad, scope, slice, study, type Tensor } from "../../index.ts";
import { filterLayers } from "../model.ts";
import { type Shown, tiled } from "./pixels.ts";

/** All filters of one convolution. */
export interface FilterBank {
  /** `conv2d#1` */
  readonly id: string;
  readonly module: string;
  /** C, H, W of each filter. */
  readonly shape: readonly number[];
  readonly filters: readonly { readonly id: string; readonly picture: Shown }[];
}

/** The filters of every convolution that `model` applies to `sample`: a sheet for each, its channels as tiles. */
export function filterBanks(model: nn.Module, sample: Tensor): FilterBank[] {
  return noGrad(() =>
    scope(() => {
      const graph = study.decompose(model, sample);
      return filterLayers(graph).flatMap(({ id, module, kind, weight }) => {
        if (weight.shape.length !== 4) return [];
        const filters = Array.from({ length: weight.shape[0]! }, (_, index) => ({
          id: `${id}/${kind}${index}`,
          picture: tiled(slice(weight, [[index, index + 1]]), "signed", "sheet"),
        }));
        return [{ id, module, shape: weight.shape.slice(1), filters }];
      });
    }),
  );
}
