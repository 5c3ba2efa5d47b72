import { bytesOf } from "../../core/dtype.ts";
import type { AnyParticle, Block } from "../../core/particle.ts";
import { engine } from "../../engine/module.ts";

/** The particle, with NaN in every block that it has to fill, so that an element that is never written shows. */
export function poisoned(particle: AnyParticle): AnyParticle {
  const forward: AnyParticle["forward"] = (at, plan) => {
    const shapes = Object.fromEntries(
      Object.entries(at as Record<string, Block>).map(([name, { shape }]) => [name, shape]),
    );
    const outputs = particle.outputs ? Object.keys(particle.outputs(shapes, plan)) : ["output"];
    for (const name of [...outputs, ...Object.keys(particle.aux?.(shapes, plan) ?? {})]) poison(at[name]!);
    particle.forward(at as never, plan);
  };
  const backward = (at: never, into: Record<string, Block>, plan: unknown) => {
    for (const block of Object.values(into)) poison(block as Block);
    particle.backward!(at, into, plan);
  };
  return Object.create(particle, {
    forward: { value: forward },
    ...(particle.backward && { backward: { value: backward } }),
  });
}

function poison({ ptr, size, dtype }: Block): void {
  new Uint8Array(engine().memory.buffer, ptr, size * bytesOf[dtype]).fill(0xff);
}
