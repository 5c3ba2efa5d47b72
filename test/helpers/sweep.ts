/** Float32 numbers of every size: each of the 512 pairs of sign and exponent, and what lies around given points. */

import { applied } from "../../src/core/apply.ts";
import { tensor } from "../../src/core/creation.ts";
import { definedInOne } from "../../src/core/defined.ts";
import type { AnyParticle } from "../../src/core/particle.ts";
import { bits, ulp } from "./compare.ts";
import { randomIn } from "./values.ts";

/** `count` random mantissas for each sign and exponent, with the least and the largest; the nine numbers around each point, of both signs. */
export function everySize(count: number, around: readonly number[] = []): Float32Array {
  const near = around.flatMap((point) => {
    const [bits] = new Uint32Array(Float32Array.of(point).buffer);
    return Array.from({ length: 17 }, (_, step) => Math.max(bits! + step - 8, 0)).flatMap((one) => [
      one,
      (one | 0x80000000) >>> 0,
    ]);
  });
  const patterns = new Uint32Array(512 * count + near.length);
  const random = randomIn(7);
  for (let index = 0; index < 512 * count; index++) {
    const mantissa = [0, 0x7fffff][index % count] ?? Math.floor(random() * 2 ** 23);
    patterns[index] = Math.floor(index / count) * 2 ** 23 + mantissa;
  }
  patterns.set(near, 512 * count);
  return new Float32Array(patterns.buffer);
}

/** Throws unless a particle of one element is within `k` ulp of its definition on 2¹⁸ numbers of every size. */
export function sweep<Attributes>(
  particle: AnyParticle,
  attributes: Attributes,
  k: number,
  around: readonly number[] = [],
): void {
  const outputs = (data: Float32Array) => applied(particle, { input: tensor(data) }, attributes).output!.data;
  const expected = (data: Float32Array) =>
    definedInOne(particle, { input: { shape: [data.length], data } }, attributes);
  const data = everySize(512, around);
  ulp(outputs(data), expected(data), k, `${particle.name} on numbers of every size`);
  const zeros = Float32Array.of(0, -0);
  bits(outputs(zeros), expected(zeros), `${particle.name} at 0 and −0`);
}
