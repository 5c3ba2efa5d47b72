import { useEffect, useState } from "preact/hooks";
import type { PageSection } from "../../plugins/page.ts";
import { pageOf } from "./particles.ts";
import { headingOf } from "./words.ts";

interface OpTextProps {
  readonly name: string;
  readonly titles: RegExp;
  /** Without its heading. */
  readonly bare?: boolean;
}

/** Sections of the op's page in the documentation. They are in English. */
export function OpText({ name, titles, bare = false }: OpTextProps) {
  const [sections, setSections] = useState<readonly PageSection[]>([]);
  useEffect(() => {
    let current = true;
    pageOf(name).then((found) => current && setSections(found.filter(({ title }) => titles.test(title))));
    return () => {
      current = false;
    };
  }, [name]);
  return (
    <>
      {sections.map(({ title, html }) => (
        <section key={title} class="text">
          {!bare && <h2>{headingOf(title)}</h2>}
          <div lang="en" dangerouslySetInnerHTML={{ __html: html }} />
        </section>
      ))}
    </>
  );
}
