import { currentRoute } from "./route.ts";

export type Language = "en" | "zh";

const stored = "quarkgrad language";

let language: Language = "en";

/** The language of the address, or the one chosen last, or the browser's. */
export function readLanguage(): Language {
  const wanted = currentRoute().query.get("lang") ?? kept(stored) ?? navigator.language;
  return wanted.startsWith("zh") ? "zh" : "en";
}

export function setLanguage(wanted: Language): void {
  language = wanted;
  document.documentElement.lang = wanted === "zh" ? "zh-Hans" : "en";
}

export function keepLanguage(wanted: Language): void {
  keep(stored, wanted);
}

export function currentLanguage(): Language {
  return language;
}

/** A text in the reader's language. Both stand where they are used, so that neither is forgotten. */
export function say<T>(en: T, zh: T): T {
  return language === "zh" ? zh : en;
}

/** What was kept in this browser; nothing where it keeps nothing. */
export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keep(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing shows its defaults next time.
  }
}
