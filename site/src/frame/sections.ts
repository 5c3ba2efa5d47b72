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
  {
    path: "sora",
    title: () => "Sora",
    invites: () =>
      say(
        "Draw a digit and watch a trained network read it. Look into every layer, switch filters off, ask why.",
        "写一个数字，看训练好的网络怎样认出它。查看每一层，关掉滤波器，追问原因。",
      ),
    load: async () => (await import("../sora/SoraSection.tsx")).SoraSection,
  },
  {
    path: "train",
    title: () => say("Train", "训练"),
    invites: () =>
      say(
        "Train the network here, step by step: loss, accuracy and gradients as they come, the same bits as in Node.",
        "就在这里一步步训练网络：实时的损失、准确率和梯度，与 Node 中逐位相同。",
      ),
    load: async () => (await import("../train/TrainSection.tsx")).TrainSection,
  },
];
