/** A recorded application of a particle: what backward needs, and the way to earlier steps and leaves. */
import type { Storage } from "../engine/storage.ts";
import type { Bypass } from "./lazy.ts";
import type { AnyParticle, Block } from "./particle.ts";
import type { Prepared } from "./plans.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Where the gradient of one input goes. */
export interface Edge {
  readonly port: string;
  readonly shape: Shape;
  /** The step that made the input, or nothing for a leaf. */
  readonly step: Step | undefined;
  /** Which of that step's outputs it was. */
  readonly output: number;
  /** The leaf whose `.grad` receives it. */
  readonly leaf: Tensor | undefined;
}

let created = 0;

/** Owns the blocks and the steps from here on; the present versions of the blocks. */
function retained(kept: Record<string, Block>, edges: readonly Edge[]): number[] {
  const versions: number[] = [];
  for (const port in kept) versions.push(kept[port]!.storage.retain().version);
  for (const edge of edges) edge.step?.retain();
  return versions;
}

/**
 * A step owns one reference to each block its particle keeps. It lives while a handle of its outputs or a later step lives, and
 * frees its blocks when the last of them goes, or when backward has walked it.
 */
export class Step {
  /** Creation order, which is a topological order. */
  id = ++created;
  prepared: Prepared;
  edges: readonly Edge[];
  /** The blocks that backward reads, by port; undefined once they were freed. */
  kept: Record<string, Block> | undefined;
  /** The gradients of the outputs while backward runs, as far as they have arrived. */
  readonly grads: (Storage | undefined)[];
  /** For each output the tensor that wants its gradient for itself (`retainGrad`). */
  retained: (Tensor | undefined)[] | undefined;
  /** How many lazy outputs it does without, as the step of a fused particle. */
  depth = 0;
  /** The fused steps that go past this one. */
  bypasses: Bypass[] | undefined;
  #versions: readonly number[];
  #owners = 1;

  constructor(prepared: Prepared, edges: readonly Edge[], kept: Record<string, Block>) {
    this.prepared = prepared;
    this.grads = new Array(prepared.outputs.length);
    this.edges = edges;
    this.kept = kept;
    this.#versions = retained(kept, edges);
  }

  /** Takes the place of the first of the particles that it stands for. */
  moveTo(id: number, depth: number): void {
    this.id = id;
    this.depth = depth;
  }

  /** Stands for another particle from here on. */
  become(prepared: Prepared, edges: readonly Edge[], kept: Record<string, Block>, id: number, depth: number): void {
    const before = { edges: this.edges, kept: this.kept };
    this.#versions = retained(kept, edges);
    this.prepared = prepared;
    this.edges = edges;
    this.kept = kept;
    this.moveTo(id, depth);
    for (const port in before.kept) before.kept[port]!.storage.release();
    for (const edge of before.edges) edge.step?.release();
  }

  get particle(): AnyParticle {
    return this.prepared.particle;
  }

  retain(): void {
    this.#owners++;
  }

  /** Gives one ownership back; the chain of steps that dies with it is walked without recursion. */
  release(): void {
    const dying: Step[] = [this];
    for (let step = dying.pop(); step; step = dying.pop()) {
      if (--step.#owners > 0) continue;
      step.free();
      for (const edge of step.edges) if (edge.step) dying.push(edge.step);
    }
  }

  /** Frees the kept blocks; the step cannot be walked again. */
  free(): void {
    const { kept } = this;
    this.kept = undefined;
    this.retained = undefined;
    this.bypasses = undefined;
    for (const port in kept) kept[port]!.storage.release();
  }

  /** The first kept block that was changed in place since it was kept. */
  changed(): { port: string; saved: number; now: number; label: string } | undefined {
    let index = 0;
    for (const port in this.kept) {
      const { storage } = this.kept[port]!;
      const saved = this.#versions[index++]!;
      if (storage.version !== saved) return { port, saved, now: storage.version, label: storage.label };
    }
    return undefined;
  }
}
