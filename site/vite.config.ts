import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { digits } from "./plugins/digits.ts";
import { offline } from "./plugins/offline.ts";
import { page } from "./plugins/page.ts";
import { contentPolicy, isolation } from "./plugins/policy.ts";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = { host: "127.0.0.1", headers: isolation };

export default defineConfig({
  root: at("."),
  base: "./",
  plugins: [page(), digits(), contentPolicy(), offline()],
  resolve: { alias: { quarkgrad: at("../dist/index.js") } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  // The policy allows no data: addresses.
  build: { outDir: at("../build/site"), emptyOutDir: true, assetsInlineLimit: 0, target: "es2022" },
  worker: { format: "es" },
  server: { ...server, fs: { allow: [at("..")] } },
  preview: { ...server, port: 4173 },
});
