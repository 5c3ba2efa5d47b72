/** The page: one file of HTML that needs nothing else. */
import { createHash } from "node:crypto";
import { costSection } from "./costSection.ts";
import { digitSection } from "./digitSection.ts";
import { filterSection } from "./filterSection.ts";
import { type Findings, findingsOf } from "./findings.ts";
import { graphSection } from "./graphSection.ts";
import { Html, html } from "./html.ts";
import { importanceSection } from "./importanceSection.ts";
import { overview } from "./overview.ts";
import { particleSection } from "./particleSection.ts";
import { proofSection } from "./proofSection.ts";
import { readingSection } from "./readingSection.ts";
import { script } from "./script.ts";
import { type Section, sectionOf } from "./section.ts";
import { style } from "./style.ts";

const sections: readonly ((findings: Findings) => Section)[] = [
  proofSection,
  graphSection,
  costSection,
  filterSection,
  digitSection,
  importanceSection,
  readingSection,
  particleSection,
];

/** Measures everything that can be found out about `model` and returns it as one page of HTML. */
export async function reportOf(...measured: Parameters<typeof findingsOf>): Promise<string> {
  return pageOf(await findingsOf(...measured));
}

/** The whole page. Its policy forbids the browser to load anything at all, so it is the same without a network. */
function pageOf(findings: Findings): string {
  const made = sections.map((section) => section(findings));
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${sha256(script)}'; base-uri 'none'; form-action 'none'`;
  const links = made.map(({ id, short }) => html`<li><a href="#${id}">${short}</a></li>`);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="quarkgrad">
<title>Sora, taken apart: ${findings.name}</title>
<link rel="icon" href="data:,">
<style>${new Html(style)}</style>
</head>
<body>
<a class="skip" href="#${made[0]!.id}">Skip to the findings</a>
${overview(findings)}
<nav aria-label="Sections"><ul>${links}</ul></nav>
<main>
${made.map(sectionOf)}</main>
${footer(findings)}
<script>${new Html(script)}</script>
</body>
</html>
`.text;
}

function footer({ file, machine, ablation, digits }: Findings): Html {
  const chosen = digits.map(({ digit }) => digit).join(",");
  return html`<footer><p>Made by <code>quarkgrad report ${file} --limit ${ablation.samples} --digits ${chosen}</code>. Every figure but the times is the same on every machine and for any number of threads. Measured on ${machine}.</p></footer>`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
