import { say } from "../frame/language.ts";
import { summaries } from "./summaries.zh.ts";

const families: Readonly<Record<string, readonly [en: string, zh: string]>> = {
  activation: ["Activations", "激活函数"],
  arithmetic: ["Arithmetic", "算术"],
  attention: ["Attention", "注意力"],
  comparison: ["Comparisons", "比较"],
  convolution: ["Convolutions", "卷积"],
  embedding: ["Embeddings", "嵌入"],
  layout: ["Shape and selection", "形状与选取"],
  loss: ["Losses", "损失函数"],
  matrix: ["Matrix products", "矩阵乘法"],
  normalisation: ["Normalisation", "归一化"],
  pooling: ["Pooling", "池化"],
  random: ["Random", "随机"],
  recurrent: ["Recurrent", "循环"],
  reduction: ["Reductions", "归约"],
};

/** What a family is called; the name of its folder where it has no other. */
export function familyName(family: string): string {
  const [en, zh] = families[family] ?? [family, family];
  return say(en, zh);
}

/** What a particle does: the declaration's own sentence, or its translation. */
export function summaryOf(name: string, summary: string): string {
  return say(summary, summaries[name] ?? summary);
}

const headings: Readonly<Record<string, string>> = {
  Shapes: "形状",
  Gradient: "梯度推导",
  "Edge cases": "边界情况",
  "Ties and edges": "并列与边界",
  "Conventions and edges": "约定与边界",
  "How the kernel does it": "内核怎么做",
  Cost: "开销",
};

export function headingOf(title: string): string {
  return say(title, headings[title] ?? title);
}
