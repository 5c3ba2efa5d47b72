/** `quarkgrad/study/conformance`: the suite for particles of one's own. */
export type { ConformanceCheck } from "./checks.ts";
export type { Accuracy, Claims, Given, Refusal, Row, Sample } from "./claims.ts";
export {
  assertConformance,
  type Conformance,
  type ConformanceOptions,
  conformance,
  conformanceChecks,
} from "./conformance.ts";
