/** The built site, opened in a real browser. */
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import puppeteer, { type Page as FirefoxPage } from "puppeteer-core";
import { isolation } from "../../../site/plugins/policy.ts";

const folder = fileURLToPath(new URL("../../../build/site/", import.meta.url));

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

const programs = {
  chromium: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  firefox: ["/usr/bin/firefox", "/usr/bin/firefox-esr"],
};

export type BrowserName = keyof typeof programs;

/** Where a browser lies, or nothing. `CHROMIUM` and `FIREFOX` name another place. */
export function programOf(name: BrowserName): string | undefined {
  return process.env[name.toUpperCase()] ?? programs[name].find((path) => existsSync(path));
}

interface Site {
  readonly address: string;
  close(): void;
}

interface ServeOptions {
  /** Whether the headers are sent that threads need. True by default. */
  readonly isolated?: boolean;
  /** The path that the site lies under. */
  readonly under?: string;
}

/** Serves the built site from 127.0.0.1, as any static host would. */
async function serve({ isolated = true, under = "/" }: ServeOptions = {}): Promise<Site> {
  const server = createServer(({ url }, response) => {
    const { pathname } = new URL(url!, "http://localhost");
    const path = pathname.startsWith(under)
      ? join(folder, decodeURIComponent(pathname.slice(under.length)) || "index.html")
      : "";
    if (path === "" || !path.startsWith(folder) || !existsSync(path) || !statSync(path).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      ...(isolated && isolation),
      "Content-Type": types[extname(path)] ?? "application/octet-stream",
      "Content-Length": statSync(path).size,
    });
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}${under}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export interface Opened {
  readonly page: Page;
  readonly address: string;
  /** Every error, and everything that the content policy refused. */
  readonly complaints: string[];
  stopServing(): void;
  close(): Promise<void>;
}

/** The first page of the site, in a browser of its own. */
export async function open(
  options: Parameters<Browser["newPage"]>[0] = {},
  served: ServeOptions = {},
): Promise<Opened> {
  const site = await serve(served);
  const browser = await chromium.launch({ executablePath: programOf("chromium")!, args: ["--no-sandbox"] });
  const page = await browser.newPage({ locale: "en-GB", serviceWorkers: "block", ...options });
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.goto(site.address);
  await page.locator("h1").waitFor();
  return {
    page,
    address: site.address,
    complaints,
    stopServing: () => site.close(),
    async close() {
      await browser.close();
      site.close();
    },
  };
}

/** The same in a Firefox as distributions ship it, which playwright cannot drive. */
export async function inFirefox(use: (page: FirefoxPage, address: string) => Promise<void>): Promise<void> {
  const site = await serve();
  const browser = await puppeteer.launch({ browser: "firefox", executablePath: programOf("firefox")! });
  try {
    await use(await browser.newPage(), site.address);
  } finally {
    await browser.close();
    site.close();
  }
}
