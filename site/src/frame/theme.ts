import { keep, kept } from "./language.ts";

/** `auto` is what the system says. */
export type Theme = "auto" | "light" | "dark";

const stored = "quarkgrad theme";

export function readTheme(): Theme {
  const theme = kept(stored);
  return theme === "light" || theme === "dark" ? theme : "auto";
}

export function setTheme(theme: Theme): void {
  keep(stored, theme === "auto" ? undefined : theme);
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
