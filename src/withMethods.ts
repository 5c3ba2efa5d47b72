/** The library as Node, Deno and Bun load it, with all methods. Bundlers get `index.ts`, and methods by `quarkgrad/methods`. */
import "./methods.ts";

export * from "./index.ts";
