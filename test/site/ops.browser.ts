/** Every op's page computes what its declaration says. */
import type { Page } from "playwright-core";
import * as assert from "uvu/assert";
import type { AnyParticle } from "../../src/core/particle.ts";
import { conv2dParticle, study } from "../../src/index.ts";
import * as exported from "../../src/particles/index.ts";
import { suite } from "../helpers/suite.ts";
import { type Opened, open } from "./how/browser.ts";

const particles = (Object.values(exported) as unknown[]).filter(
  (value): value is AnyParticle =>
    typeof value === "object" && value !== null && "definition" in value && "example" in value,
);

const valuesIn = async (page: Page, panel: string) => {
  const cells = page.locator(`${panel} .grid button`);
  const texts = await cells.evaluateAll((all) => all.map((cell) => (cell as HTMLElement).dataset.value!));
  return texts.map(Number);
};
const outputOf = (page: Page) => valuesIn(page, ".panel.output");
const gradientOf = (page: Page, port: string) => valuesIn(page, `.panel[data-port="${port}"]`);

function near(actual: readonly number[], expected: ArrayLike<number>, what: string): void {
  assert.is(actual.length, expected.length, `${what} has ${actual.length} elements, not ${expected.length}`);
  actual.forEach((value, index) => {
    const right = expected[index]!;
    const close = Object.is(value, right) || Math.abs(value - right) <= 1e-5 * (1 + Math.abs(right));
    assert.ok(close, `${what}: element ${index} is shown as ${value}, not ${right}`);
  });
}

/** The example with the first number of the first float input raised. */
function changed(particle: AnyParticle): { port: string; value: number } | undefined {
  const { inputs } = study.workOut(particle);
  const [port, given] =
    Object.entries(inputs).find(([, { dtype, data }]) => dtype === "float32" && data.length > 0) ?? [];
  return port === undefined ? undefined : { port, value: Math.abs(given!.data[0]!) + 1.5 };
}

suite("the pages of particles", (test) => {
  let opened: Opened;

  test("open", async () => {
    opened = await open();
  });

  for (const particle of particles) {
    const { name } = particle;
    test(`${name} shows its example and its gradient, and follows a change`, async () => {
      const { page, complaints, address } = opened;
      await page.goto(`${address}#/op/${name}`);
      await page.locator("h1", { hasText: new RegExp(`^${name}$`) }).waitFor();
      await page.locator(".panel.output .grid").waitFor();
      const worked = study.workOut(particle);
      near(await outputOf(page), worked.defined, "output");
      for (const [port, { difference }] of Object.entries(worked.gradients)) {
        near(await gradientOf(page, port), difference, `gradient of ${port}`);
      }
      const change = changed(particle);
      if (change) {
        const { port, value } = change;
        const cell = page
          .locator(".panel", { has: page.locator("h3", { hasText: new RegExp(`^${port}\\b`) }) })
          .first()
          .locator("input[type=text]")
          .first();
        await cell.fill(`${value}`);
        const inputs = { [port]: withFirst(particle.example!.inputs[port as never], value) };
        near(await outputOf(page), study.workOut(particle, { inputs }).defined, "output of the changed input");
      }
      await page.locator(".sources figure").first().waitFor();
      assert.ok((await page.locator(".sources .marked").count()) > 0, "no line of the sources is marked");
      assert.equal(complaints, []);
    });
  }

  test("a link carries the state", async () => {
    const { page, address } = opened;
    const inputs = {
      input: [
        [
          [
            [1, 2, 3, 4],
            [5, 6, 7, 8],
            [9, 10, 11, 12],
            [13, 14, 15, 16],
          ],
        ],
      ],
    };
    const attributes = { stride: [2, 2] };
    await page.goto(
      `${address}#/op/conv2d?inputs=${JSON.stringify(inputs)}&attributes=${JSON.stringify(attributes)}&at=output:2`,
    );
    await page.reload();
    await page.locator(".panel.output .grid").waitFor();
    near(await outputOf(page), study.workOut(conv2dParticle, { inputs, attributes }).defined, "output");
    assert.match(await page.locator(".explanation").innerText(), "y[0,0,1,0] = 9·1 + 10·0 + 13·1 + 14·1 = 36");
    assert.match(decodeURIComponent(page.url()), '"stride":[2,2]');
    await page.getByRole("button", { name: "Back to the example" }).click();
    near(await outputOf(page), [10, 13, 19, 22], "output of the example");
    assert.not.match(page.url(), "stride");
  });

  test("pointing at an element marks what belongs to it", async () => {
    const { page, address } = opened;
    await page.goto(`${address}#/op/conv2d`);
    await page.reload();
    const marked = (panel: number) =>
      page
        .locator(".panel")
        .nth(panel)
        .locator("td")
        .evaluateAll((cells) => cells.flatMap((cell, at) => (/read/.test(cell.className) ? [at] : [])));
    await page.locator(".panel.output .grid button").nth(3).hover();
    assert.equal(await marked(0), [4, 5, 7, 8]);
    await page.locator('.panel[data-port="input"] .grid button').nth(4).hover();
    assert.match(await page.locator(".explanation").innerText(), "dx[0,0,1,1] = 1·1 + 1·1 + 1·1 = 3");
  });

  test("arrow keys lead through a grid, and steps through the output", async () => {
    const { page, address } = opened;
    await page.goto(`${address}#/op/conv2d`);
    await page.reload();
    await page.locator(".panel.output .grid button").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    assert.match(await page.locator(".explanation").innerText(), "y[0,0,1,1] =");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Element after" }).click();
    assert.match(await page.locator(".steps").innerText(), "1 / 4");
  });

  test("what cannot be computed is said in the library's words", async () => {
    const { page, address } = opened;
    await page.goto(`${address}#/op/conv2d`);
    await page.reload();
    await page.getByLabel("dilation 1").fill("3");
    assert.match(await page.getByRole("alert").innerText(), /^conv2d: .*input \[1, 1, 3, 3\]/);
    await page.getByLabel("dilation 1").fill("1");
    assert.is(await page.getByRole("alert").count(), 0);
  });

  test("close", () => opened.close());
});

function withFirst(nested: unknown, value: number): never {
  return (Array.isArray(nested) ? [withFirst(nested[0], value), ...nested.slice(1)] : value) as never;
}
