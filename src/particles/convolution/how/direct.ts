/**
 * The general convolution: any kernel, stride, padding, dilation and groups. The kernels read windows through tables
 * (`assembly/convolution/conv2d.ts`; `assembly/convolution/conv2dNarrow.ts` where a group has one output channel), and the input gradient is
 * the same kernel run over the output's gradient.
 */
import type { Block } from "../../../core/particle.ts";
import { kernels } from "../../../engine/generated/convolution.ts";
import { parallel, parallelWithScratch } from "../../../engine/parallel.ts";
import { derived } from "../../../engine/storage.ts";
import type { Conv2dGeometry, Convolution, KeptBlocks, WantedGradients } from "./geometry.ts";
import { layNarrowPlan, type NarrowLayout, narrowCopyBytes, narrowLayoutOf, narrowPlanBytes } from "./narrowPlan.ts";
import { forwardPass, gradInputPass, isNarrow, type Pass, panelBytes, panelCount, tapsOf } from "./pass.ts";
import { copyBytes, type Layout, layoutOf, layPlan, partBytes, planBytes } from "./plan.ts";

export class DirectConvolution implements Convolution {
  readonly forwardBytes: number;
  readonly backwardBytes: number;
  readonly #geometry: Conv2dGeometry;
  readonly #forward: Run;
  readonly #gradInput: Run;
  readonly #gradWeight: WeightSum;

  constructor(geometry: Conv2dGeometry) {
    const pass = forwardPass(geometry);
    this.#geometry = geometry;
    this.#forward = newRun(pass, "conv2d");
    this.#gradInput = newRun(gradInputPass(geometry), "conv2dGradInput");
    this.#gradWeight = newWeightSum(geometry, pass);
    this.forwardBytes = this.#forward.planBytes;
    this.backwardBytes = Math.max(this.#gradInput.planBytes, this.#gradWeight.planBytes + this.#gradWeight.slotBytes);
  }

  forward(input: Block, weight: Block, bias: Block | undefined, output: Block, workspace: number): void {
    run(this.#forward, input.ptr, weight, bias?.ptr ?? 0, output.ptr, workspace);
  }

  gradients({ input, weight, grad }: KeptBlocks, into: WantedGradients, workspace: number): void {
    if (into.input) run(this.#gradInput, grad.ptr, weight, 0, into.input.ptr, workspace);
    if (into.weight) this.#sumWeight(input, grad, into.weight, workspace);
  }

  #sumWeight(input: Block, grad: Block, gradWeight: Block, workspace: number): void {
    const { images, groups, outputs, rows, columns } = this.#geometry;
    const { pass, narrow, layout, planBytes, count, perSlot } = this.#gradWeight;
    const pixels = rows.output * columns.output;
    const taps = tapsOf(pass, pass.phases[0]!);
    const slots = workspace + planBytes;
    if (narrow) {
      layNarrowPlan(pass, narrow, workspace);
      parallelWithScratch(
        kernels.conv2dNarrowGradWeight,
        count * groups,
        grainOf(count >= 8, groups, (perSlot * taps * pixels * outputs) / 4),
        narrowCopyBytes(pass, narrow),
        workspace,
        input.ptr,
        grad.ptr,
        slots,
        images,
        perSlot,
        rows.output,
        columns.output,
        4 * narrow.interleave * narrow.segment * rows.stride,
      );
      const sumGrain = Math.ceil(65536 / (taps * (count + 1)));
      const channels = groups * outputs;
      parallel(kernels.conv2dNarrowGradWeightSum, channels, sumGrain, slots, gradWeight.ptr, count, channels, taps);
    } else {
      const units = groups * Math.ceil(outputs / 8);
      layPlan(pass, layout!, workspace);
      parallelWithScratch(
        kernels.conv2dGradWeight,
        count * units,
        grainOf(count >= 8, units, perSlot * taps * pixels),
        copyBytes(pass, layout!) * layout!.together,
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
  }
}

/** A pass with its layout: `narrow` where a group makes a single channel, else `layout`. */
interface Laid {
  readonly pass: Pass;
  readonly narrow: NarrowLayout | undefined;
  readonly layout: Layout | undefined;
  readonly planBytes: number;
}

/** A pass that convolves. */
interface Run extends Laid {
  readonly grain: number;
  /** For each thread. */
  readonly scratchBytes: number;
  /** Names the packed weights. */
  readonly key: string;
  readonly panelBytes: number;
}

/** The sums of the weight gradient: images in `count` slots. */
interface WeightSum extends Laid {
  readonly count: number;
  readonly perSlot: number;
  readonly slotBytes: number;
}

function laid(pass: Pass, products = false): Laid {
  return isNarrow(pass)
    ? { pass, narrow: narrowLayoutOf(pass), layout: undefined, planBytes: narrowPlanBytes(pass) }
    : { pass, narrow: undefined, layout: layoutOf(pass, products), planBytes: planBytes(pass) };
}

function newRun(pass: Pass, key: string): Run {
  const { images, groups, outputs, outputPlane, phases } = pass;
  const base = laid(pass);
  const whole = images * groups >= 8;
  const taps = phases.reduce((sum, phase) => sum + tapsOf(pass, phase), 0) / phases.length;
  return {
    ...base,
    key: `${key} ${pass.panelKey}`,
    panelBytes: phases.reduce((sum, phase) => sum + panelBytes(pass, phase), 0),
    grain: base.narrow
      ? grainOf(whole, 1, (taps * outputs * outputPlane) / 4)
      : grainOf(whole, Math.ceil(outputs / 8), taps * outputPlane),
    scratchBytes: base.narrow
      ? narrowCopyBytes(pass, base.narrow)
      : copyBytes(pass, base.layout!) + partBytes(pass, base.layout!),
  };
}

/** Convolves what a pass describes. */
function run(plan: Run, source: number, weight: Block, bias: number, target: number, workspace: number): void {
  const { pass, narrow, layout, grain, scratchBytes } = plan;
  const panels = panelsOf(plan, weight);
  const units = pass.images * pass.groups;
  if (narrow) {
    layNarrowPlan(pass, narrow, workspace);
    parallelWithScratch(kernels.conv2dNarrow, units, grain, scratchBytes, workspace, source, panels, bias, target);
  } else {
    layPlan(pass, layout!, workspace);
    const blocks = Math.ceil(pass.outputs / 8);
    parallelWithScratch(kernels.conv2d, units * blocks, grain, scratchBytes, workspace, source, panels, bias, target);
  }
}

/** The weights in panels, packed when they are first used and again when they have changed. */
function panelsOf({ pass, key, panelBytes: bytes }: Run, weight: Block): number {
  return derived(weight.storage, key, bytes, (ptr) => {
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
function newWeightSum(geometry: Conv2dGeometry, pass: Pass): WeightSum {
  const { images } = geometry;
  const base = laid(pass, true);
  const bytes = slotBytes(geometry, pass);
  const together = base.layout ? Math.min(images, base.layout.together) : 1;
  const slots = Math.max(1, Math.min(8, Math.floor(2 ** 25 / bytes)));
  const perSlot = Math.max(together, Math.ceil(images / slots));
  const count = images === 0 ? 0 : Math.ceil(images / perSlot);
  return { ...base, count, perSlot, slotBytes: count * bytes };
}

/**
 * Units of one hand-over, at least 20 µs of work; `products` counts the multiply–adds of a unit, in eights. Where there are
 * enough images to share out, whole images, since each piece copies the images that it touches.
 */
function grainOf(whole: boolean, unitsPerImage: number, products: number): number {
  const grain = Math.max(1, Math.ceil(65536 / Math.max(products, 1)));
  return whole || grain > unitsPerImage ? Math.ceil(grain / unitsPerImage) * unitsPerImage : grain;
}
