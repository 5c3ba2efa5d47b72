/** The trained network in the page: it reads, and what is switched in it does what it does in Node. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import * as assert from "uvu/assert";
import { counts } from "../../site/src/work/counts.ts";
import { data, readSafetensors, Sora, study, weightsSha256 } from "../../src/index.ts";
import { mnist } from "../../src/node.ts";
import { suite } from "../helpers/suite.ts";
import { type Opened, open } from "./how/browser.ts";

/** What `use` finds out about the network that the site ships. */
function ofShipped<T>(use: (model: Sora) => T): T {
  const packed = readFileSync(new URL("../../site/public/sora.safetensors.gz", import.meta.url));
  const model = new Sora();
  try {
    model.loadStateDict(readSafetensors(new Uint8Array(gunzipSync(packed))).tensors);
    return use(model);
  } finally {
    model.dispose();
  }
}

/** Draws lines through points given in parts of the pad. */
async function draw(page: Page, points: readonly (readonly [x: number, y: number])[]): Promise<void> {
  const { x, y, width, height } = (await page.locator(".pad").boundingBox())!;
  await page.getByRole("button", { name: "Clear" }).click();
  for (const [index, [across, down]] of points.entries()) {
    await page.mouse.move(x + across * width, y + down * height, { steps: 6 });
    if (index === 0) await page.mouse.down();
  }
  await page.mouse.up();
}

suite("the page of Sora", (test) => {
  let opened: Opened;

  test("opens and shows the hash of the weights", async () => {
    opened = await open({ viewport: { width: 1280, height: 900 } });
    const { page, address } = opened;
    await page.goto(`${address}#/sora`);
    await page.locator(".hash").waitFor();
    assert.is(await page.locator(".hash").innerText(), ofShipped(weightsSha256));
  });

  test("reads drawn digits", async () => {
    const { page } = opened;
    const best = async () => Number(await page.locator(".scores output").getAttribute("data-best"));
    await draw(page, [
      [0.5, 0.2],
      [0.5, 0.8],
    ]);
    assert.is(await best(), 1);
    const circle = Array.from({ length: 25 }, (_, step) => {
      const angle = (step / 24) * 2 * Math.PI;
      return [0.5 + 0.2 * Math.sin(angle), 0.5 - 0.28 * Math.cos(angle)] as const;
    });
    await draw(page, circle);
    assert.is(await best(), 0);
    await draw(page, [
      [0.3, 0.25],
      [0.7, 0.25],
      [0.45, 0.8],
    ]);
    assert.is(await best(), 7);
  });

  test("a filter that is off gives the loss and the accuracy of study.ablate", async () => {
    const { page, address } = opened;
    const found = ofShipped((model) =>
      study.ablate(model, new data.Subset(mnist("test"), counts.test), { batchSize: 100 }),
    );
    const removal = found.removals.find(({ id }) => id === "conv2d#1/filter3")!;
    await page.goto(`${address}#/sora?image=0`);
    await page.reload();
    await page.locator('[data-filter="conv2d#1/3"]').click();
    await page.getByRole("button", { name: "Switch it off" }).click();
    const row = page.locator("tr", { has: page.getByRole("rowheader", { name: "changed" }) });
    await page.waitForFunction(() => document.querySelectorAll("tr[data-loss]").length === 2);
    const [loss, accuracy] = [await row.getAttribute("data-loss"), await row.getAttribute("data-accuracy")].map(Number);
    assert.ok(Math.abs(loss! - removal.loss) < 1e-6, `${loss} instead of ${removal.loss}`);
    assert.is(accuracy, removal.accuracy);
    assert.match(decodeURIComponent(page.url()), "off=conv2d#1/3");
  });

  test("an activation gives way to another or to none, and comes back", async () => {
    const { page, address } = opened;
    await page.goto(`${address}#/sora?image=0`);
    await page.reload();
    const stands = page.getByLabel("here stands").first();
    await stands.selectOption("tanh");
    await page.getByRole("link", { name: "tanh#1" }).waitFor();
    await page.getByLabel("here stands").first().selectOption("");
    await page.locator(".layers h3", { hasText: "relu#1" }).waitFor();
    await page.getByRole("button", { name: "Put everything back" }).click();
    await page.getByRole("link", { name: "relu#1" }).waitFor();
    assert.is(await page.locator(".scores output").getAttribute("data-best"), "7");
  });

  test("integrated gradients add up to what the score rose by", async () => {
    const { page } = opened;
    await page.locator("figcaption", { hasText: "Integrated" }).waitFor();
    const [, sum, rise] = /sum (\S+);.*picture (\S+)\./.exec(
      await page.locator("figcaption", { hasText: "Integrated" }).innerText(),
    )!;
    assert.ok(Math.abs(Number(sum) - Number(rise)) < 0.02 * Number(rise), `${sum} and ${rise}`);
    assert.equal(opened.complaints, []);
  });

  test("close", () => opened.close());
});
