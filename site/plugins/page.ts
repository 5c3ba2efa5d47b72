import { readFileSync } from "node:fs";
import { marked } from "marked";
import type { Plugin } from "vite";

/** What a page of the documentation says under one heading. */
export interface PageSection {
  readonly title: string;
  readonly html: string;
}

/** `import sections from "….md?page"`: the sections of a page as HTML, made when the site is built. */
export function page(): Plugin {
  return {
    name: "page",
    enforce: "pre",
    load(id) {
      if (!id.endsWith(".md?page")) return undefined;
      const sections = readFileSync(id.slice(0, -"?page".length), "utf8").split(/^## /m).slice(1);
      return `export default ${JSON.stringify(sections.map(sectionOf))}`;
    },
  };
}

function sectionOf(text: string): PageSection {
  const end = text.indexOf("\n");
  // Links between pages lead to files that the site does not have.
  const markdown = text.slice(end).replace(/\[([^\]]+)\]\((?!https?:)[^)]*\)/g, "$1");
  const html = marked
    .parse(markdown, { async: false })
    .replaceAll("<th></th>", "<td></td>")
    // What scrolls has to be reached with the keyboard.
    .replaceAll("<pre>", '<pre tabindex="0">');
  return { title: text.slice(0, end).trim(), html };
}
