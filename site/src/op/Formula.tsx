import { useEffect, useRef } from "preact/hooks";
import { tex } from "./tex.ts";

/** A declaration's formula set as on paper; its own text stands until the setting is loaded, and where it cannot be set. */
export function Formula({ text }: { readonly text: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let current = true;
    import("./typeset.ts").then(({ typeset }) => {
      if (current && place.current) typeset(tex(text), place.current);
    });
    return () => {
      current = false;
    };
  }, [text]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what may be wider than the screen has to be scrolled with the keyboard, too
    <div class="formula" ref={place} tabIndex={0} role="math" aria-label={text} key={text}>
      {text}
    </div>
  );
}
