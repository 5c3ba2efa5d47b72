/** Opens the page in a browser, and waits for what it sends back. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { text } from "node:stream/consumers";

const root = new URL("../../", import.meta.url);
const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };
/** What a browser asks for before it shares memory between threads. */
const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** The answer of the page, opened by `command`; fails after `limit` milliseconds. */
export async function fromBrowser(command: string, limit: number): Promise<string> {
  const answered = deferredAnswer();
  const server = createServer((request, response) => {
    if (request.method === "POST") text(request).then(answered.resolve, answered.reject);
    serve(request, response);
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const [program, ...args] = command.split(" ");
  const browser = spawn(program!, [...args, `http://localhost:${port}/scripts/runtimes/page.html`], {
    stdio: "ignore",
  });
  browser.on("error", answered.reject);
  const timer = setTimeout(() => answered.reject(new Error(`no answer in ${limit / 1000} s`)), limit);
  try {
    return await answered.promise;
  } finally {
    clearTimeout(timer);
    browser.kill();
    server.close();
    server.closeAllConnections();
  }
}

function serve({ method, url }: IncomingMessage, response: ServerResponse): void {
  const file = new URL(`.${new URL(url!, "http://localhost").pathname}`, root);
  try {
    const body = method === "POST" ? "" : readFileSync(file);
    response.writeHead(200, { ...isolation, "Content-Type": types[extname(file.pathname)] ?? "text/plain" }).end(body);
  } catch {
    response.writeHead(404, isolation).end();
  }
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function deferredAnswer() {
  let resolve!: (answer: string) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<string>((onAnswer, onFailure) => {
    resolve = onAnswer;
    reject = onFailure;
  });
  return { promise, resolve, reject };
}
