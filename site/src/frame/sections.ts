import type { ComponentType } from "preact";
import { say } from "./language.ts";
import type { Route } from "./route.ts";

/** A part of the laboratory. Its code is loaded when it is opened. */
export interface Section {
  /** First part of the address behind `#/`. */
  readonly path: string;
  readonly title: () => string;
  /** What one does there, for the first page. */
  readonly invites: () => string;
  readonly load: () => Promise<ComponentType<{ readonly route: Route }>>;
}

export const sections: readonly Section[] = [
  {
    path: "op",
    title: () => say("Particles", "算子"),
    invites: () =>
      say(
        "Every op on numbers you can type: what each output reads, where each gradient comes from, and the kernel that does it.",
        "每个算子都能亲手输入数字：每个输出读了哪些输入，梯度从何而来，以及执行它的内核代码。",
      ),
    load: async () => (await import("../op/OpSection.tsx")).OpSection,
  },
];
