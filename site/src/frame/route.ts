import { useEffect, useState } from "preact/hooks";

/** Where the reader is, as the address says behind `#`: `#/op/conv2d?stride=2`. Whatever a page shows can be sent as a link. */
export interface Route {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export function currentRoute(): Route {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  return { path: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

/** An address within the site. */
export function linkTo(path: string, query: Readonly<Record<string, string>> = {}): string {
  const text = queryText(new URLSearchParams(query));
  return `#/${path}${text && `?${text}`}`;
}

/** Notes the state of the page in its address, without a step of the history. `undefined` takes a name out. */
export function noteState(state: Readonly<Record<string, string | undefined>>): void {
  const { path, query } = currentRoute();
  for (const [name, value] of Object.entries(state)) {
    if (value === undefined) query.delete(name);
    else query.set(name, value);
  }
  const text = queryText(query);
  history.replaceState(null, "", `#/${path.map(encodeURIComponent).join("/")}${text && `?${text}`}`);
}

export function useRoute(): Route {
  const [route, setRoute] = useState(currentRoute);
  useEffect(() => {
    const changed = () => setRoute(currentRoute());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}

/** Brackets and commas stay readable. */
function queryText(query: URLSearchParams): string {
  return `${query}`.replaceAll("%5B", "[").replaceAll("%5D", "]").replaceAll("%2C", ",").replaceAll("%3A", ":");
}
