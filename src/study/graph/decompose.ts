/** Takes a model apart by watching it run once. */
import { type Application, observe } from "../../core/observe.ts";
import { noGrad } from "../../core/recording.ts";
import { scope } from "../../core/scope.ts";
import { Tensor } from "../../core/tensor.ts";
import type { Storage } from "../../engine/storage.ts";
import { GraphError } from "../../errors.ts";
import type { Module } from "../../nn/module.ts";
import { copyOf } from "./copyOf.ts";
import { type Granularity, type GraphInput, type GraphNode, ParticleGraph } from "./graph.ts";
import { valueName } from "./graphValues.ts";
import { splitKernels } from "./kernels.ts";

export interface DecomposeOptions {
  /** "op" by default. */
  readonly granularity?: Granularity;
}

/**
 * Runs `model` once on `sample` (several inputs as an array) and returns every application of a particle with a stable
 * id, the module that it came from, its shapes, attributes and parameters, and the edges between them. Parameters are
 * shared with the model, not copied: a graph that is trained trains the model. What the graph copies ends with the
 * scope around the call. Shapes are those of the sample; `graph.run` takes any batch.
 *
 * Nodes are the applications of the program. Those that the engine ran as one, by a fused particle, bear its name in
 * `fused`.
 *
 * Granularity "layer" groups the applications of a module within which no other module runs; "op" has one node an
 * application; "kernel" cuts a convolution into its filters and a linear layer into its neurons.
 *
 * @throws GraphError where the model's result does not come from particles.
 */
export function decompose(
  model: Module,
  sample: Tensor | readonly Tensor[],
  { granularity = "op" }: DecomposeOptions = {},
): ParticleGraph {
  const samples = Array.isArray(sample) ? (sample as readonly Tensor[]) : [sample as Tensor];
  const recorder = new Recorder(model, samples);
  // The constants are returned so that they outlive the inner scope and end with the one around it.
  const { outputs } = noGrad(() =>
    scope(() => {
      const result: unknown = observe(recorder.observer, () => model.forward(...samples));
      return { outputs: tensorsIn(result).map((output) => recorder.nameOf(output)), constants: recorder.constants };
    }, "decomposition"),
  );
  if (outputs.length === 0) throw new GraphError("decompose: the model returned no tensor; return one from forward");
  const graph = new ParticleGraph({
    granularity: granularity === "kernel" ? "op" : granularity,
    inputs: recorder.inputs,
    nodes: recorder.nodes,
    outputs,
    tensors: recorder.tensors,
  });
  return granularity === "kernel" ? splitKernels(graph) : graph;
}

/** A module's forward computation while it runs. */
interface Call {
  readonly path: string;
  /** `conv1#2`: its second. */
  readonly id: string;
  /** Whether no other module has run within it: what it applies is one layer. */
  isLayer: boolean;
  /** Its first application. */
  readonly first: number;
}

/** Notes applications as they happen, and gives every tensor that they meet a name. */
class Recorder {
  readonly nodes: GraphNode[] = [];
  readonly tensors = new Map<string, Tensor>();
  readonly constants: Tensor[] = [];
  readonly inputs: GraphInput[];
  readonly #names = new Map<Tensor, string>();
  /** For handles that no application returned, such as those of `detach()`. */
  readonly #blocks = new Map<Storage, string>();
  /** The place of each application among the nodes. */
  readonly #noted = new Map<Application, number>();
  readonly #counts = new Map<string, number>();
  readonly #parameterNames = new Map<Tensor, string>();
  readonly #paths = new Map<object, string>();
  readonly #calls: Call[] = [];

  constructor(model: Module, samples: readonly Tensor[]) {
    for (const [name, tensor] of Object.entries(model.stateDict())) this.#parameterNames.set(tensor, name);
    for (const [path, module] of model.namedModules()) this.#paths.set(module, path);
    this.inputs = samples.map((tensor, index) => {
      const name = `input#${index + 1}`;
      this.#remember(tensor, name);
      return { name, shape: tensor.shape, dtype: tensor.dtype };
    });
  }

  readonly observer = {
    entering: (module: object) => {
      const path = this.#paths.get(module) ?? module.constructor.name;
      for (const call of this.#calls) call.isLayer = false;
      const id = this.#numbered(`layer ${path || module.constructor.name}`).slice("layer ".length);
      this.#calls.push({ path, id, isLayer: true, first: this.nodes.length });
    },
    leaving: () => {
      const { id, isLayer, first } = this.#calls.pop()!;
      if (!isLayer) return;
      for (let at = first; at < this.nodes.length; at++) this.nodes[at] = { ...this.nodes[at]!, layer: id };
    },
    putOff: (application: Application) => this.#note(application),
    applied: (application: Application) => {
      const { particle, parts } = application;
      if (!parts) {
        if (!this.#noted.has(application)) this.#note(application);
        return;
      }
      // The nodes are the parts, as the program applied them; they say what ran.
      const fused = this.#numbered(particle.name);
      this.#note(parts.at(-1)!);
      for (const part of parts) {
        const at = part && this.#noted.get(part);
        if (at !== undefined) this.nodes[at] = { ...this.nodes[at]!, fused };
      }
    },
  };

  #note(application: Application): void {
    const { particle, attributes, inputs, outputs, output } = application;
    const sources: Record<string, string> = {};
    for (const [port, tensor] of Object.entries(inputs)) sources[port] = this.nameOf(tensor);
    const id = this.#numbered(particle.name);
    const module = this.#moduleOf(Object.values(sources));
    const { shape, dtype } = output;
    const node = { id, particle, attributes, module, inputs: sources, shape, dtype, layer: id };
    const several = Object.entries(outputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }]);
    this.#noted.set(application, this.nodes.length);
    this.nodes.push(particle.outputs ? { ...node, outputs: Object.fromEntries(several) } : node);
    for (const [name, tensor] of Object.entries(outputs)) this.#remember(tensor, valueName(node, name));
  }

  /** The module that runs, or the one below it whose parameter is read. */
  #moduleOf(sources: readonly string[]): string {
    const path = this.#calls.at(-1)?.path ?? "";
    const parameter = sources.find((name) => this.#isParameter(name));
    const owner = parameter?.slice(0, Math.max(parameter.lastIndexOf("."), 0)) ?? "";
    return path === "" || owner.startsWith(`${path}.`) ? owner : path;
  }

  nameOf(tensor: Tensor): string {
    return this.#names.get(tensor) ?? this.#blocks.get(tensor.held) ?? this.#adopt(tensor);
  }

  #remember(tensor: Tensor, name: string): void {
    this.#names.set(tensor, name);
    this.#blocks.set(tensor.held, name);
  }

  /** A tensor that no application made: a parameter, or a constant whose numbers are copied. */
  #adopt(tensor: Tensor): string {
    const parameter = this.#parameterNames.get(tensor);
    const name = parameter ?? this.#numbered("constant");
    if (parameter === undefined) this.constants.push(copyOf(tensor));
    this.tensors.set(name, parameter === undefined ? this.constants.at(-1)! : tensor);
    this.#remember(tensor, name);
    return name;
  }

  #isParameter(name: string): boolean {
    return this.tensors.has(name) && !name.startsWith("constant#");
  }

  #numbered(name: string): string {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return `${name}#${count}`;
  }
}

/** The tensors in what a model returned: one, or those of an array or a plain object in its order. */
export function tensorsIn(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  return typeof result === "object" && result !== null ? Object.values(result).flatMap(tensorsIn) : [];
}
