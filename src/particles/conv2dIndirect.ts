/**
 * The general convolution (`assembly/conv2d.ts`): any kernel, stride, padding, dilation and groups. Each pass is a plan of where
 * windows begin and how far their taps reach; the input gradient is the same kernel run over the output's gradient.
 */
import type { Block } from "../core/particle.ts";
import { engine, kernels } from "../engine/module.ts";
import { parallel, parallelWithScratch } from "../engine/parallel.ts";
import { derived } from "../engine/storage.ts";
import type { Axis, Conv2dAlgorithm, Conv2dGeometry } from "./conv2dGeometry.ts";

export const indirect: Conv2dAlgorithm = {
  workspace(geometry) {
    const forward = forwardPass(geometry);
    return Math.max(
      planBytes(forward),
      planBytes(gradInputPass(geometry)),
      planBytes(forward) + slotBytes(geometry) * slotCount(geometry),
    );
  },

  forward(geometry, input, weight, bias, output, workspace) {
    run(forwardPass(geometry), "conv2d", input.ptr, weight, bias?.ptr ?? 0, output.ptr, workspace);
  },

  gradInput(geometry, weight, grad, gradInput, workspace) {
    run(gradInputPass(geometry), "conv2dGradInput", grad.ptr, weight, 0, gradInput.ptr, workspace);
  },

  gradWeight(geometry, input, grad, gradWeight, workspace) {
    const { images, groups, outputs, rows, columns } = geometry;
    const pass = forwardPass(geometry);
    const slots = workspace + planBytes(pass);
    const count = slotCount(geometry);
    const pixels = rows.output * columns.output;
    const taps = tapCount(geometry);
    const unitsPerSlot = groups * Math.ceil(outputs / 8);
    layPlan(pass, workspace);
    parallelWithScratch(
      kernels.conv2dGradWeight,
      count * unitsPerSlot,
      grainOf(count >= 8, unitsPerSlot, Math.ceil(images / Math.max(count, 1)) * taps * pixels),
      copyBytes(pass) + pixels * 32,
      workspace,
      input.ptr,
      grad.ptr,
      slots,
      images,
      imagesPerSlot(geometry),
    );
    parallel(
      kernels.conv2dGradWeightSum,
      unitsPerSlot,
      Math.ceil(16384 / (taps * Math.max(count, 1))),
      slots,
      gradWeight.ptr,
      count,
      groups,
      outputs,
      taps,
    );
  },
};

/** Convolves what a pass describes; the weights are packed for it once, and again when they have changed. */
function run(pass: Pass, key: string, source: number, weight: Block, bias: number, target: number, workspace: number) {
  const blocks = Math.ceil(pass.outputs / 8);
  const panels = derived(weight.storage, `${key} ${pass.panelKey}`, panelBytes(pass), (ptr) => {
    let at = ptr;
    for (const { rows, columns } of pass.phases) {
      if (tapsOf(pass, rows, columns) === 0) continue;
      parallel(
        kernels.conv2dPanels,
        pass.groups * blocks,
        Math.ceil(2048 / tapsOf(pass, rows, columns)),
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
      at += phasePanelBytes(pass, rows, columns);
    }
  });
  layPlan(pass, workspace);
  const work = panelBytes(pass) / 32 / pass.phases.length / pass.groups / blocks;
  parallelWithScratch(
    kernels.conv2d,
    pass.images * pass.groups * blocks,
    grainOf(pass.images * pass.groups >= 8, blocks, work * pass.outputPlane),
    128 + copyBytes(pass),
    workspace,
    source,
    panels,
    bias,
    target,
    0,
  );
}

/** How one axis of a phase goes: which results it makes, where their windows begin, which taps of the kernel they use. */
interface PhaseAxis {
  /** The first result, how many there are, and from one to the next. */
  readonly first: number;
  readonly count: number;
  readonly step: number;
  /** Where the first one's window begins, seen from the source's first element, and from one window to the next. */
  readonly window: number;
  readonly windowStep: number;
  /** Taps, and from one to the next in the source. */
  readonly taps: number;
  readonly tapStep: number;
  /** The weight of the first tap, and from one to the next. */
  readonly weightFirst: number;
  readonly weightStep: number;
}

/** One run of the kernel over all images, and all that its plan says. */
interface Pass {
  readonly images: number;
  readonly groups: number;
  /** Channels of a group, of the source and of the result. */
  readonly channels: number;
  readonly outputs: number;
  readonly height: number;
  readonly width: number;
  readonly top: number;
  readonly left: number;
  readonly pitch: number;
  readonly plane: number;
  readonly copied: boolean;
  readonly outputWidth: number;
  readonly outputPlane: number;
  readonly phases: readonly { readonly rows: PhaseAxis; readonly columns: PhaseAxis }[];
  readonly kernelWidth: number;
  /** Elements from one to the next in the weight. */
  readonly weightSteps: { readonly group: number; readonly output: number; readonly channel: number };
  /** What the packed weights depend on, besides the weight. */
  readonly panelKey: string;
}

function forwardPass(geometry: Conv2dGeometry): Pass {
  const { groups, channels, outputs, rows, columns } = geometry;
  const taps = rows.kernel * columns.kernel;
  return {
    ...planes(geometry, rows, columns, rows.input, columns.input),
    channels,
    outputs,
    outputWidth: columns.output,
    outputPlane: rows.output * columns.output,
    phases: [{ rows: forwardAxis(rows), columns: forwardAxis(columns) }],
    weightSteps: { group: outputs * channels * taps, output: channels * taps, channel: taps },
    panelKey: `${[groups, outputs, channels, rows.kernel, columns.kernel]}`,
  };
}

function forwardAxis({ output, kernel, stride, dilation, before }: Axis): PhaseAxis {
  return {
    first: 0,
    count: output,
    step: 1,
    window: -before,
    windowStep: stride,
    taps: kernel,
    tapStep: dilation,
    weightFirst: 0,
    weightStep: 1,
  };
}

/**
 * dx[h] = Σ r  dy[(h + before − r·dilation) / stride] · w[r], over the r that leave no remainder. All h with the same remainder
 * of h + before use the same r: together they are a convolution of stride 1 over dy with the kernel turned around.
 */
function gradInputPass(geometry: Conv2dGeometry): Pass {
  const { groups, channels, outputs, rows, columns } = geometry;
  const taps = rows.kernel * columns.kernel;
  const columnPhases = gradInputAxes(columns);
  const phases = gradInputAxes(rows).flatMap((row) => columnPhases.map((column) => ({ rows: row, columns: column })));
  const reach = (axis: Axis, phaseAxes: readonly PhaseAxis[]) => ({
    before: Math.max(0, ...phaseAxes.map(({ taps, count, window }) => (taps && count ? -window : 0))),
    after: Math.max(
      0,
      ...phaseAxes.map(({ taps, count, window, tapStep }) =>
        taps && count ? window + count + (taps - 1) * tapStep - axis.output : 0,
      ),
    ),
  });
  return {
    ...planes(
      geometry,
      reach(
        rows,
        phases.map((phase) => phase.rows),
      ),
      reach(columns, columnPhases),
      rows.output,
      columns.output,
    ),
    channels: outputs,
    outputs: channels,
    outputWidth: columns.input,
    outputPlane: rows.input * columns.input,
    phases,
    weightSteps: { group: outputs * channels * taps, output: taps, channel: channels * taps },
    panelKey: `${[groups, outputs, channels]} ${[rows, columns].map(({ kernel, stride, dilation }) => [kernel, stride, dilation])}`,
  };
}

/** One phase for each remainder of the stride, also where it has no result or no tap. */
function gradInputAxes({ input, kernel, stride, dilation, before }: Axis): PhaseAxis[] {
  const common = gcd(stride, dilation);
  const weightStep = stride / common;
  return Array.from({ length: stride }, (_, remainder) => {
    const first = (((remainder - before) % stride) + stride) % stride;
    let weightFirst = 0;
    while (weightFirst < weightStep && (weightFirst * dilation) % stride !== remainder) weightFirst++;
    const taps = weightFirst < weightStep ? Math.max(0, Math.ceil((kernel - weightFirst) / weightStep)) : 0;
    const tapStep = dilation / common;
    const last = (first + before - weightFirst * dilation) / stride;
    return {
      first,
      count: Math.max(0, Math.ceil((input - first) / stride)),
      step: stride,
      window: taps ? last - (taps - 1) * tapStep : 0,
      windowStep: 1,
      taps,
      tapStep,
      weightFirst: taps ? weightFirst + (taps - 1) * weightStep : 0,
      weightStep: -weightStep,
    };
  });
}

/** How the source lies where windows are read: in place, or in planes with zeros around, a line more than a power of two. */
function planes(
  { images, groups, columns: { kernel } }: Conv2dGeometry,
  rows: { readonly before: number; readonly after: number },
  columns: { readonly before: number; readonly after: number },
  height: number,
  width: number,
) {
  const copied = rows.before + rows.after + columns.before + columns.after > 0;
  const pitch = columns.before + width + columns.after;
  return {
    images,
    groups,
    height,
    width,
    top: rows.before,
    left: columns.before,
    pitch,
    plane: (rows.before + height + rows.after) * pitch + (copied ? 16 : 0),
    copied,
    kernelWidth: kernel,
  };
}

const planWords = 12;
const phaseWords = 6;

/** Writes the plan and the tables it points to, in the layout of `assembly/conv2dPlan.ts`. */
function layPlan(pass: Pass, at: number): void {
  const words = [
    pass.channels,
    pass.height,
    pass.width,
    pass.top,
    pass.left,
    pass.pitch,
    pass.plane,
    Number(pass.copied),
    pass.groups,
    pass.outputs,
    pass.outputPlane,
    pass.phases.length,
  ];
  let table = at + wordBytes(pass);
  let panels = 0;
  for (const { rows, columns } of pass.phases) {
    const pixels = rows.count * columns.count;
    const taps = tapsOf(pass, rows, columns);
    const pixelTable = table;
    const tapTable = pixelTable + tableBytes(pixels);
    const positionTable = isDense(pass) ? 0 : tapTable + tableBytes(taps);
    table = (positionTable || tapTable) + tableBytes(positionTable ? pixels : taps);
    words.push(pixels, taps, pixelTable, tapTable, positionTable, panels);
    panels += phasePanelBytes(pass, rows, columns);
    if (pixels === 0) continue;
    const window = (pass.top + rows.window) * pass.pitch + pass.left + columns.window;
    const { pitch } = pass;
    kernels.conv2dPixels(
      pixelTable,
      rows.count,
      columns.count,
      4 * window,
      4 * pitch * rows.windowStep,
      4 * columns.windowStep,
    );
    kernels.conv2dTaps(
      tapTable,
      pass.channels,
      4 * pass.plane,
      rows.taps,
      4 * pitch * rows.tapStep,
      columns.taps,
      4 * columns.tapStep,
    );
    if (positionTable) {
      const first = 4 * (rows.first * pass.outputWidth + columns.first);
      kernels.conv2dPixels(
        positionTable,
        rows.count,
        columns.count,
        first,
        4 * pass.outputWidth * rows.step,
        4 * columns.step,
      );
    }
  }
  new Int32Array(engine().memory.buffer, at, words.length).set(words);
}

function planBytes(pass: Pass): number {
  let bytes = wordBytes(pass);
  for (const { rows, columns } of pass.phases) {
    const pixels = tableBytes(rows.count * columns.count);
    bytes += (isDense(pass) ? pixels : 2 * pixels) + tableBytes(tapsOf(pass, rows, columns));
  }
  return roundUp(bytes);
}

/** With one phase, the pixels lie in the result as they are numbered. */
function isDense(pass: Pass): boolean {
  return pass.phases.length === 1;
}

function wordBytes(pass: Pass): number {
  return roundUp(4 * (planWords + phaseWords * pass.phases.length));
}

/** The entries and up to three copies of the last. */
function tableBytes(entries: number): number {
  return 4 * (entries + 3);
}

function copyBytes(pass: Pass): number {
  return pass.copied ? 4 * pass.channels * pass.plane : 0;
}

function tapsOf(pass: Pass, rows: PhaseAxis, columns: PhaseAxis): number {
  return pass.channels * rows.taps * columns.taps;
}

function phasePanelBytes(pass: Pass, rows: PhaseAxis, columns: PhaseAxis): number {
  return pass.groups * Math.ceil(pass.outputs / 8) * 32 * tapsOf(pass, rows, columns);
}

function panelBytes(pass: Pass): number {
  return pass.phases.reduce((bytes, { rows, columns }) => bytes + phasePanelBytes(pass, rows, columns), 0);
}

function tapCount({ channels, rows, columns }: Conv2dGeometry): number {
  return channels * rows.kernel * columns.kernel;
}

/** The sum over the images of one slot, for all weights. */
function slotBytes(geometry: Conv2dGeometry): number {
  return geometry.groups * Math.ceil(geometry.outputs / 8) * 32 * 4 * Math.ceil(tapCount(geometry) / 4);
}

/** Images are summed in up to 8 slots, in fewer where 8 would take more than 32 MiB: never a matter of threads. */
function imagesPerSlot(geometry: Conv2dGeometry): number {
  const most = Math.max(1, Math.min(8, Math.floor(2 ** 25 / slotBytes(geometry))));
  return Math.ceil(geometry.images / most);
}

function slotCount(geometry: Conv2dGeometry): number {
  return geometry.images === 0 ? 0 : Math.ceil(geometry.images / imagesPerSlot(geometry));
}

/**
 * Units of one hand-over, at least 20 µs of work; `products` counts the multiply–adds of one channel of a unit. Where there are
 * enough images to share out, whole images, since each piece copies the images that it touches.
 */
function grainOf(whole: boolean, unitsPerImage: number, products: number): number {
  const grain = Math.max(1, Math.ceil(65536 / Math.max(products, 1)));
  return whole || grain > unitsPerImage ? Math.ceil(grain / unitsPerImage) * unitsPerImage : grain;
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
