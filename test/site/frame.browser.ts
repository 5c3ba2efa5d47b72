/** The frame of the laboratory: what is loaded, from where it can be served, and whom it shuts out. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { inFirefox, open, programOf } from "./how/browser.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Rules of accessibility that a page breaks. */
async function findings(page: Page): Promise<string[]> {
  return page.evaluate(`(async () => {
    const module = { exports: {} };
    ${axe}
    const { violations } = await (window.axe ?? module.exports).run(document);
    return violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).slice(0, 3).join(" "));
  })()`) as Promise<string[]>;
}

const pages = ["", "op", "op/conv2d", "op/softmax", "sora", "train"];

suite("the frame", (test) => {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [width, height] of [
      [1280, 800],
      [390, 844],
      [360, 640],
    ] as const) {
      test(`no finding of axe and nothing wider than the screen at ${width} × ${height}, ${colorScheme}`, async () => {
        const opened = await open({ viewport: { width, height }, colorScheme, reducedMotion: "reduce" });
        const { page, address, complaints } = opened;
        try {
          for (const lang of ["en", "zh"]) {
            for (const path of pages) {
              await page.goto(`${address}#/${path}?lang=${lang}`);
              await page.reload();
              await page.locator("h1").waitFor();
              await page.waitForLoadState("networkidle");
              assert.equal(await findings(page), [], `${path} in ${lang}`);
              const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
              assert.ok(wide <= 0, `${path} in ${lang} is ${wide} pixels wider than the screen`);
            }
          }
          assert.equal(complaints, []);
        } finally {
          await opened.close();
        }
      });
    }
  }

  test("the first view is small and soon there", async () => {
    const opened = await open();
    const { page } = opened;
    try {
      const { bytes, painted } = await page.evaluate(async () => {
        const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
        const [paint] = performance.getEntriesByName("first-contentful-paint");
        return {
          bytes: all.reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).decodedBodySize, 0),
          painted: paint?.startTime ?? Number.NaN,
        };
      });
      assert.ok(bytes < 500_000, `${bytes} bytes`);
      assert.ok(painted < 1000, `painted after ${painted} ms`);
    } finally {
      await opened.close();
    }
  });

  test("the keyboard alone leads from the first page to an op", async () => {
    const opened = await open();
    const { page } = opened;
    try {
      await page.keyboard.press("Tab");
      assert.is(await page.evaluate(() => document.activeElement?.textContent), "Skip to the content");
      await page.keyboard.press("Enter");
      assert.is(await page.evaluate(() => document.activeElement?.id), "main");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Particles" }).waitFor();
      await page.getByRole("searchbox").focus();
      await page.keyboard.type("softplus");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "softplus" }).waitFor();
    } finally {
      await opened.close();
    }
  });

  test("language and colours are chosen, and stay", async () => {
    const opened = await open();
    const { page } = opened;
    try {
      await page.getByRole("button", { name: "中文" }).click();
      await page.getByRole("combobox").selectOption("dark");
      await page.goto(opened.address);
      await page.reload();
      await page.getByRole("heading", { level: 1, name: "粒子" }).waitFor();
      const { lang, theme } = await page.evaluate(() => ({
        lang: document.documentElement.lang,
        theme: document.documentElement.dataset.theme,
      }));
      assert.equal({ lang, theme }, { lang: "zh-Hans", theme: "dark" });
    } finally {
      await opened.close();
    }
  });

  test("it works under a path of any static host, without the headers for threads", async () => {
    const opened = await open({}, { isolated: false, under: "/some/where/" });
    const { page, address, complaints } = opened;
    try {
      await page.goto(`${address}#/op/conv2d`);
      await page.getByRole("button", { name: "y[0,0,1,1] = 22" }).waitFor();
      assert.is(await page.evaluate(() => crossOriginIsolated), false);
      assert.equal(complaints, []);
    } finally {
      await opened.close();
    }
  });

  test("it opens without a network after the first visit", async () => {
    const opened = await open({ serviceWorkers: "allow" });
    const { page, complaints } = opened;
    try {
      await page.evaluate(() => navigator.serviceWorker.ready);
      await page.reload();
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null));
      assert.ok(await page.evaluate(() => caches.match(location.href).then(Boolean)));
      opened.stopServing();
      await page.goto(`${opened.address}#/op/conv2d`);
      await page.reload();
      await page.getByRole("button", { name: "y[0,0,1,1] = 22" }).waitFor();
      await page.locator(".formula .katex").waitFor();
      assert.equal(complaints, []);
    } finally {
      await opened.close();
    }
  });

  if (programOf("firefox")) {
    test("Firefox shows the same", async () => {
      await inFirefox(async (page, address) => {
        const complaints: string[] = [];
        page.on("pageerror", (error) => complaints.push(String(error)));
        page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
        await page.goto(`${address}#/op/conv2d`);
        await page.waitForSelector('.panel.output [data-index="3"][data-value="22"]');
        await page.waitForSelector(".formula .katex");
        assert.equal(complaints, []);
      });
    });
  }
});
