/** Gradients by the engine's backward against central differences of the definition. */

import { bits, bound } from "../numbers/compare.ts";
import type { Differences } from "../numbers/differences.ts";
import { allChanged } from "../numbers/inputs.ts";
import { type Fill, randomIn } from "../numbers/values.ts";
import type { EveryCase } from "./cases.ts";
import { exactIn, sumTolerance } from "./nearness.ts";
import type { Arriving, Subject } from "./subject.ts";

const usual = { relative: 1e-5, absolute: 1e-6 };

export function checkGradients(subject: Subject, everyCase: EveryCase): void {
  everyCase(["integers", "reals"], 3, (one) => {
    const { attributes } = one.sample;
    const inputs = subject.inputs(one, true);
    const random = randomIn(~one.seed);
    const ports = subject.differentiable(inputs);
    const grad = subject.upstream(inputs, attributes, one.fill, random);
    const gradients = subject.gradients(inputs, attributes, grad, ports);
    const differences = subject.differences(inputs, attributes, grad);
    for (const port of ports) {
      const most = subject.multilinear ? 64 : 256;
      if (gradients[port]!.length <= most) checkEach(subject, port, gradients[port]!, differences, one.fill);
      else {
        const along = { port, attributes, grad, fill: one.fill, random };
        for (let turn = 0; turn < 4; turn++) checkDirection(subject, gradients[port]!, differences, along);
      }
    }
    // A gradient that is wanted alone has the bits of the one that comes with all others.
    if (ports.length < 2) return;
    const wanted = ports.filter(() => random() < 0.5);
    if (wanted.length === 0) wanted.push(ports[0]!);
    const alone = subject.gradients(inputs, attributes, grad, wanted);
    for (const port of wanted) bits(alone[port]!, gradients[port]!, `gradient of ${port} where ${wanted} want one`);
  });
}

function checkEach(subject: Subject, port: string, actual: Float32Array, differences: Differences, fill: Fill): void {
  const { exactIntegers = true } = subject.claims;
  const { gradient, scale, terms } = differences.all(port);
  const exact = fill === "integers" && subject.multilinear && exactIntegers && exactIn(gradient, scale);
  const allowed = exact ? 0 : gradientTolerances(subject, gradient, scale, terms, differences.noise);
  bound({ shape: differences.inputs[port]!.shape, data: actual }, gradient, allowed, `gradient of ${port}`);
}

export function gradientTolerances(
  subject: Subject,
  expected: ArrayLike<number>,
  scale: Float64Array,
  terms: Float64Array,
  noise: number,
): Float64Array {
  const { relative, absolute } = subject.claims.gradient ?? usual;
  return Float64Array.from(expected, (value, index) => {
    const rounding = subject.multilinear
      ? sumTolerance(subject, scale[index]!, terms[index]!, value)
      : relative * scale[index]! + absolute;
    return rounding + noise;
  });
}

interface Along {
  readonly port: string;
  readonly attributes: unknown;
  readonly grad: Arriving;
  readonly fill: Fill;
  readonly random: () => number;
}

/** For inputs too large to take one element at a time: vᵀ·gradient against the slope along v. */
function checkDirection(
  subject: Subject,
  actual: Float32Array,
  differences: Differences,
  { port, attributes, grad, fill, random }: Along,
): void {
  const { exactIntegers = true, gradient: nearness = usual } = subject.claims;
  const direction = Float64Array.from(actual, () => Math.floor(random() * 9) - 4);
  let found = 0;
  let size = 0;
  for (let index = 0; index < actual.length; index++) {
    found += direction[index]! * actual[index]!;
    size += Math.abs(direction[index]! * actual[index]!);
  }
  const slope = differences.along(port, direction);
  let allowed = 4 * nearness.relative * size + nearness.absolute * actual.length;
  if (subject.multilinear) {
    const magnitudes = allChanged(differences.inputs, Math.abs);
    const scale = subject
      .differences(magnitudes, attributes, allChanged(grad, Math.abs))
      .along(port, direction.map(Math.abs));
    const outputSize = Object.values(grad).reduce((sum, { data }) => sum + data.length, 0);
    const exact = fill === "integers" && exactIntegers && exactIn([slope], [scale]);
    allowed = exact ? 0 : sumTolerance(subject, scale, outputSize, slope);
  }
  const label = `gradient of ${port} along a random direction`;
  bound([found], [slope], allowed === 0 ? 0 : allowed + differences.noise, label);
}
