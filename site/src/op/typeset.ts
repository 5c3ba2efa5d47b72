import katex from "katex";
import "katex/dist/katex.min.css";

/** Sets TeX in a place of the page; the text there stays where it cannot be read. */
export function typeset(tex: string, place: HTMLElement): void {
  const inner = document.createElement("div");
  try {
    katex.render(`\\begin{gathered}${tex}\\end{gathered}`, inner, { displayMode: true, strict: false });
  } catch {
    return;
  }
  place.replaceChildren(inner);
}
