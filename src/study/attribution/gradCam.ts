/** Which places of an image the features that speak for a class were found at. */
import { noGrad } from "../../core/recording.ts";
import { scope } from "../../core/scope.ts";
import { dims4, type Shape, show } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { GraphError, ShapeError } from "../../errors.ts";
import type { Module } from "../../nn/module.ts";
import { decompose } from "../graph/decompose.ts";
import { inEvaluation } from "../graph/evaluation.ts";
import { applyNode, type GraphNode, type ParticleGraph } from "../graph/graph.ts";
import { gradientOf, type Target, tensorOf } from "./scores.ts";

export interface FeatureMapOptions {
  /**
   * The id of the particle whose output is meant, `relu#2`; by default the last that gives [N, C, H, W] with more than
   * one place.
   */
  readonly node?: string;
}

export interface GradCamOptions extends FeatureMapOptions {
  /** Whether the map is drawn out to the input's height and width; true by default. */
  readonly resize?: boolean;
}

/**
 * ReLU(Σ_c α_c·A_c) for each input, where A_c are the maps of a layer and α_c is the mean over all places of
 * ∂score/∂A_c (Selvaraju et al., 2016): [N, C, H, W] → [N, H, W], drawn out bilinearly with pixels taken as squares.
 *
 * @throws GraphError where no particle gives such maps or none is named so; ShapeError for other inputs than images.
 */
export function gradCam(
  model: Module,
  input: Tensor,
  target: Target,
  { node: id, resize = true }: GradCamOptions = {},
): Tensor {
  const [, , height, width] = dims4("gradCam", "input", input.shape, "N, C, H, W");
  return scope(() => {
    const graph = inEvaluation(model, () => decompose(model, input));
    const node = mapNode("gradCam", graph, id);
    const values = valuesUpTo(graph, node, input);
    const maps = values.get(node.id)!;
    const gradient = gradientOf("gradCam", model, maps, target, (leaf) => rest(graph, node, values, leaf));
    const cam = weighted(maps, gradient);
    const [count, , rows, columns] = dims4("gradCam", "maps", maps.shape, "N, C, H, W");
    return resize
      ? tensorOf([count, height, width], resized(cam, [count, rows, columns], height, width))
      : tensorOf([count, rows, columns], cam);
  }, "gradCam");
}

/** What a layer of the model gives for an input, in evaluation mode: [N, C, H, W]. */
export function featureMaps(model: Module, input: Tensor, { node: id }: FeatureMapOptions = {}): Tensor {
  return scope(() => {
    const graph = inEvaluation(model, () => decompose(model, input));
    const node = mapNode("featureMaps", graph, id);
    return valuesUpTo(graph, node, input).get(node.id)!;
  }, "featureMaps");
}

function mapNode(op: string, graph: ParticleGraph, id: string | undefined): GraphNode {
  const isMap = (shape: Shape) => shape.length === 4 && shape[2]! * shape[3]! > 1;
  if (id === undefined) {
    const last = graph.nodes.findLast(({ shape }) => isMap(shape));
    if (last) return last;
    throw new GraphError(`${op}: no particle of the model gives feature maps [N, C, H, W]`);
  }
  const node = graph.node(id);
  if (node.shape.length === 4) return node;
  throw new ShapeError(`${op}: ${id} gives ${show(node.shape)}; name a particle that gives [N, C, H, W]`);
}

function valuesUpTo(graph: ParticleGraph, last: GraphNode, input: Tensor): Map<string, Tensor> {
  const values = new Map<string, Tensor>(graph.tensors);
  values.set(graph.inputs[0]!.name, input);
  return noGrad(() => {
    for (const node of graph.nodes) {
      for (const [name, value] of applyNode(node, (name) => values.get(name)!)) values.set(name, value);
      if (node === last) break;
    }
    return values;
  });
}

/** The output of the graph where `value` stands for what `from` gives. */
function rest(graph: ParticleGraph, from: GraphNode, before: ReadonlyMap<string, Tensor>, value: Tensor): Tensor {
  const values = new Map(before).set(from.id, value);
  for (const node of graph.nodes.slice(graph.nodes.indexOf(from) + 1)) {
    for (const [name, value] of applyNode(node, (name) => values.get(name)!)) values.set(name, value);
  }
  return values.get(graph.outputs[0]!)!;
}

/** ReLU(Σ_c mean(gradient_c)·map_c), [N, H, W]. */
function weighted(maps: Tensor, gradient: Float32Array): Float64Array {
  const [count, channels, height, width] = dims4("gradCam", "maps", maps.shape, "N, C, H, W");
  const area = height * width;
  const result = new Float64Array(count * area);
  const { data } = maps;
  for (let plane = 0; plane < count * channels; plane++) {
    const first = plane * area;
    const target = Math.floor(plane / channels) * area;
    let alpha = 0;
    for (let at = 0; at < area; at++) alpha += gradient[first + at]! / area;
    for (let at = 0; at < area; at++) result[target + at]! += alpha * data[first + at]!;
  }
  return result.map((value) => Math.max(0, value));
}

function resized(
  maps: Float64Array,
  [count, rows, columns]: readonly [number, number, number],
  height: number,
  width: number,
): Float64Array {
  const down = neighbours(rows, height);
  const across = neighbours(columns, width);
  const result = new Float64Array(count * height * width);
  let at = 0;
  for (let image = 0; image < count; image++) {
    for (const [top, bottom, low] of down) {
      const [above, below] = [top, bottom].map((row) => (image * rows + row) * columns) as [number, number];
      for (const [left, right, far] of across) {
        const upper = maps[above + left]! * (1 - far) + maps[above + right]! * far;
        const lower = maps[below + left]! * (1 - far) + maps[below + right]! * far;
        result[at++] = upper * (1 - low) + lower * low;
      }
    }
  }
  return result;
}

/** For each of `to` pixels the two of `from` between whose centres it lies, and how near it is to the second. */
function neighbours(from: number, to: number): [number, number, number][] {
  return Array.from({ length: to }, (_, index) => {
    const place = Math.min(Math.max(((index + 0.5) * from) / to - 0.5, 0), from - 1);
    const first = Math.floor(place);
    return [first, Math.min(first + 1, from - 1), place - first];
  });
}
