/**
 * The general convolution: any kernel, stride, padding, dilation and groups. The kernels read windows through tables
 * (`assembly/convolution/conv2d.ts`; `assembly/convolution/conv2dNarrow.ts` where a group has one output channel), and the input gradient is
 * the same kernel run over the output's gradient.
 */
import type { Block } from "../../../core/particle.ts";
import { kernels } from "../../../engine/module.ts";
import { parallel, parallelWithScratch } from "../../../engine/parallel.ts";
import { derived } from "../../../engine/storage.ts";
import { remembered } from "../../how/remembered.ts";
import type { Conv2dAlgorithm, Conv2dGeometry } from "./geometry.ts";
import { layNarrowPlan, narrowCopyBytes, narrowLayoutOf, narrowPlanBytes } from "./narrowPlan.ts";
import { forwardPass, gradInputPass, isNarrow, type Pass, panelBytes, panelCount, tapsOf } from "./pass.ts";
import { copyBytes, layoutOf, layPlan, partBytes, planBytes } from "./plan.ts";

const forwardOf = remembered((geometry: Conv2dGeometry) => forwardPass(geometry));
const gradInputOf = remembered((geometry: Conv2dGeometry) => gradInputPass(geometry));
const layoutFor = remembered((pass: Pass) => layoutOf(pass));
const productsLayoutFor = remembered((pass: Pass) => layoutOf(pass, true));

export const indirect: Conv2dAlgorithm = {
  workspace: remembered((geometry) => {
    const forward = forwardOf(geometry);
    const bytes = (pass: Pass) => (isNarrow(pass) ? narrowPlanBytes(pass) : planBytes(pass));
    const slots = slotCount(geometry) * slotBytes(geometry, forward);
    return Math.max(bytes(gradInputOf(geometry)), bytes(forward) + slots);
  }),

  forward(geometry, input, weight, bias, output, workspace) {
    run(forwardOf(geometry), "conv2d", input.ptr, weight, bias?.ptr ?? 0, output.ptr, workspace);
  },

  gradInput(geometry, weight, grad, gradInput, workspace) {
    run(gradInputOf(geometry), "conv2dGradInput", grad.ptr, weight, 0, gradInput.ptr, workspace);
  },

  gradWeight(geometry, input, grad, gradWeight, workspace) {
    const { images, groups, outputs, rows, columns } = geometry;
    const pass = forwardOf(geometry);
    const pixels = rows.output * columns.output;
    const taps = tapsOf(pass, pass.phases[0]!);
    const count = slotCount(geometry);
    const perSlot = imagesPerSlot(geometry);
    if (isNarrow(pass)) {
      const layout = narrowLayoutOf(pass);
      const slots = workspace + narrowPlanBytes(pass);
      layNarrowPlan(pass, layout, workspace);
      parallelWithScratch(
        kernels.conv2dNarrowGradWeight,
        count * groups,
        grainOf(count >= 8, groups, (perSlot * taps * pixels * outputs) / 4),
        narrowCopyBytes(pass, layout),
        workspace,
        input.ptr,
        grad.ptr,
        slots,
        images,
        perSlot,
        rows.output,
        columns.output,
        4 * layout.interleave * layout.segment * rows.stride,
      );
      const sumGrain = Math.ceil(65536 / (taps * (count + 1)));
      const channels = groups * outputs;
      parallel(kernels.conv2dNarrowGradWeightSum, channels, sumGrain, slots, gradWeight.ptr, count, channels, taps);
    } else {
      const layout = productsLayoutFor(pass);
      const slots = workspace + planBytes(pass);
      const units = groups * Math.ceil(outputs / 8);
      layPlan(pass, layout, workspace);
      parallelWithScratch(
        kernels.conv2dGradWeight,
        count * units,
        grainOf(count >= 8, units, perSlot * taps * pixels),
        copyBytes(pass, layout) * layout.together,
        workspace,
        input.ptr,
        grad.ptr,
        slots,
        images,
        perSlot,
      );
      const sumGrain = Math.ceil(16384 / (taps * (count + 1)));
      parallel(kernels.conv2dGradWeightSum, units, sumGrain, slots, gradWeight.ptr, count, groups, outputs, taps);
    }
  },
};

/** Convolves what a pass describes. */
function run(pass: Pass, key: string, source: number, weight: Block, bias: number, target: number, workspace: number) {
  const panels = panelsOf(pass, key, weight);
  const { images, groups, outputs, outputPlane, phases } = pass;
  const taps = phases.reduce((sum, phase) => sum + tapsOf(pass, phase), 0) / phases.length;
  if (isNarrow(pass)) {
    const layout = narrowLayoutOf(pass);
    layNarrowPlan(pass, layout, workspace);
    const grain = grainOf(images * groups >= 8, 1, (taps * outputs * outputPlane) / 4);
    const bytes = narrowCopyBytes(pass, layout);
    parallelWithScratch(kernels.conv2dNarrow, images * groups, grain, bytes, workspace, source, panels, bias, target);
    return;
  }
  const layout = layoutFor(pass);
  layPlan(pass, layout, workspace);
  const blocks = Math.ceil(outputs / 8);
  parallelWithScratch(
    kernels.conv2d,
    images * groups * blocks,
    grainOf(images * groups >= 8, blocks, taps * outputPlane),
    copyBytes(pass, layout) + partBytes(pass, layout),
    workspace,
    source,
    panels,
    bias,
    target,
  );
}

/** The weights in panels, packed when they are first used and again when they have changed. */
function panelsOf(pass: Pass, key: string, weight: Block): number {
  const bytes = pass.phases.reduce((sum, phase) => sum + panelBytes(pass, phase), 0);
  return derived(weight.storage, `${key} ${pass.panelKey}`, bytes, (ptr) => {
    let at = ptr;
    for (const phase of pass.phases) {
      const { rows, columns } = phase;
      const taps = tapsOf(pass, phase);
      if (taps === 0) continue;
      parallel(
        kernels.conv2dPanels,
        panelCount(pass),
        Math.ceil(8192 / taps),
        weight.ptr + 4 * (rows.weightFirst * pass.kernelWidth + columns.weightFirst),
        at,
        pass.weightSteps.group,
        pass.outputs,
        pass.weightSteps.output,
        pass.channels,
        pass.weightSteps.channel,
        rows.taps,
        rows.weightStep * pass.kernelWidth,
        columns.taps,
        columns.weightStep,
      );
      at += panelBytes(pass, phase);
    }
  });
}

/** The sums over the images of one slot, for all weights: one number each, or 4 partial sums. */
function slotBytes({ groups, outputs }: Conv2dGeometry, pass: Pass): number {
  const taps = tapsOf(pass, pass.phases[0]!);
  if (isNarrow(pass)) return groups * outputs * 80 * Math.ceil(taps / 5);
  return groups * Math.ceil(outputs / 8) * 128 * Math.ceil(taps / 4);
}

/**
 * Images are summed in up to 8 slots, in fewer where 8 would take more than 32 MiB, or where small images are summed several at a
 * time: never a matter of threads.
 */
function imagesPerSlot(geometry: Conv2dGeometry): number {
  const pass = forwardOf(geometry);
  const most = Math.floor(2 ** 25 / slotBytes(geometry, pass));
  const together = isNarrow(pass) ? 1 : Math.min(geometry.images, productsLayoutFor(pass).together);
  return Math.max(together, Math.ceil(geometry.images / Math.max(1, Math.min(8, most))));
}

function slotCount(geometry: Conv2dGeometry): number {
  return geometry.images === 0 ? 0 : Math.ceil(geometry.images / imagesPerSlot(geometry));
}

/**
 * Units of one hand-over, at least 20 µs of work; `products` counts the multiply–adds of a unit, in eights. Where there are
 * enough images to share out, whole images, since each piece copies the images that it touches.
 */
function grainOf(whole: boolean, unitsPerImage: number, products: number): number {
  const grain = Math.max(1, Math.ceil(65536 / Math.max(products, 1)));
  return whole || grain > unitsPerImage ? Math.ceil(grain / unitsPerImage) * unitsPerImage : grain;
}
