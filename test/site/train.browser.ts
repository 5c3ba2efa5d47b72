/** Training in the page: the bits of Node, and a page that never stutters. */
import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { counts } from "../../site/src/work/counts.ts";
import { crossEntropy, data, manualSeed, optim, readSafetensors, Sora, weightsSha256 } from "../../src/index.ts";
import { mnist } from "../../src/node.ts";
import { suite } from "../helpers/suite.ts";
import { type Opened, open } from "./how/browser.ts";

/** The hash of ten steps of the README's program, on the images that the site ships. */
function tenSteps(): string {
  manualSeed(0);
  const model = new Sora();
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
  let step = 0;
  const images = new data.Subset(mnist("train"), counts.train);
  for (const batch of new data.DataLoader(images, { batchSize: 64, shuffle: true })) {
    if (step++ === 10) break;
    optimizer.zeroGrad();
    crossEntropy(model.forward(batch.images), batch.labels).backward();
    optimizer.step();
  }
  const hash = weightsSha256(model);
  optimizer.zeroGrad();
  optimizer.dispose();
  model.dispose();
  return hash;
}

suite("training in the page", (test) => {
  let opened: Opened;
  const resting = (step: number) => opened.page.locator(`[data-step="${step}"]`).waitFor({ timeout: 60_000 });
  const hash = () => opened.page.locator(".hash").innerText();

  test("ten steps give the weights of ten steps in Node, bit for bit", async () => {
    opened = await open({ acceptDownloads: true });
    const { page, address } = opened;
    await page.goto(`${address}#/train`);
    await page.getByRole("button", { name: "Ten steps" }).click();
    await resting(10);
    assert.is(await hash(), tenSteps());
  });

  test("weights are kept, gone back to, and opened in Node", async () => {
    const { page } = opened;
    const then = await hash();
    await page.getByRole("button", { name: "Keep these weights" }).click();
    const link = page.getByRole("link", { name: "sora-10.safetensors" });
    await link.waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    const bytes = readFileSync(await download.path());
    const model = new Sora();
    try {
      model.loadStateDict(readSafetensors(new Uint8Array(bytes)).tensors);
      assert.is(weightsSha256(model), then);
    } finally {
      model.dispose();
    }
    await page.getByRole("button", { name: "One step" }).click();
    await resting(11);
    assert.is.not(await hash(), then);
    await page.getByRole("button", { name: "Go back to it" }).click();
    await page.waitForFunction((text) => document.querySelector(".hash")?.textContent === text, then);
  });

  test("pauses, and keeps the page alive meanwhile", async () => {
    const { page } = opened;
    await page.evaluate(() => {
      const seen = ((globalThis as { longest?: number }).longest = 0);
      new PerformanceObserver((list) => {
        const shared = globalThis as { longest?: number };
        for (const { duration } of list.getEntries()) shared.longest = Math.max(shared.longest ?? seen, duration);
      }).observe({ type: "longtask" });
    });
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await page.waitForTimeout(4000);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.locator(".hash").waitFor();
    const longest = await page.evaluate(() => (globalThis as { longest?: number }).longest);
    console.log(`longest task on the main thread: ${longest} ms`);
    assert.ok(longest! < 100, `${longest} ms on the main thread`);
    assert.equal(opened.complaints, []);
  });

  test("close", () => opened.close());
});
