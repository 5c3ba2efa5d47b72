import { useEffect, useState } from "preact/hooks";
import { say } from "../frame/language.ts";
import { type SourceFile, type Sources, sourcesOf } from "./source.ts";

/** A particle's definition beside its kernel, each as it stands in the repository. */
export function Source({ name }: { readonly name: string }) {
  const [sources, setSources] = useState<Sources>();
  useEffect(() => {
    let current = true;
    sourcesOf(name).then((found) => current && setSources(found));
    return () => {
      current = false;
    };
  }, [name]);
  if (!sources) return <p class="soft">{say("Loading…", "正在加载…")}</p>;
  return (
    <div class="sources">
      <section aria-label={say("Definition", "定义")}>
        <h3>{say("What it has to compute", "它应当计算什么")}</h3>
        <p class="soft">
          {say(
            "The definition: plain loops in float64. Every test holds the kernel to it. Marked: the innermost step.",
            "定义：float64 的朴素循环，所有测试都用它来检验内核。高亮的是最内层的一步。",
          )}
        </p>
        {sources.definition.map((file) => (
          <Code key={file.path} file={file} />
        ))}
      </section>
      <section aria-label={say("Kernel", "内核")}>
        <h3>{say("What computes it here", "这里由什么来计算")}</h3>
        <p class="soft">
          {sources.kernels.length > 0
            ? say(
                "The kernels in AssemblyScript, compiled to the WebAssembly that runs on this page: four numbers at a time.",
                "用 AssemblyScript 写成的内核，编译为本页运行的 WebAssembly：一次处理四个数。",
              )
            : say(
                "Nothing is computed: the output shares the input's numbers, only the shape is another.",
                "无需计算：输出与输入共享同一份数据，只是形状不同。",
              )}
        </p>
        {sources.kernels.map((file) => (
          <Code key={file.path} file={file} />
        ))}
      </section>
    </div>
  );
}

function Code({ file }: { readonly file: SourceFile }) {
  return (
    <figure class="code">
      <figcaption>{file.path}</figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard */}
      <pre tabIndex={0}>
        {file.lines.map(({ number, text, marked }, index) => (
          // A gap in the numbers is where another kernel begins.
          <code
            key={number}
            class={marked ? "marked" : ""}
            data-gap={index > 0 && file.lines[index - 1]!.number !== number - 1}
          >
            <i aria-hidden="true">{number}</i>
            {`${text}\n`}
          </code>
        ))}
      </pre>
    </figure>
  );
}
