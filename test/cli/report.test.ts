import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { Sora, study, weightsSha256, zeros } from "../../src/index.ts";
import { loadModel } from "../../src/node.ts";
import { atWork, quarkgrad, refused, succeeds } from "../helpers/commandLine.ts";
import { suite } from "../helpers/suite.ts";

const sections = ["verification", "graph", "costs", "filters", "digits", "importance", "reading", "particles"];
const countOf = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

suite("quarkgrad report", (test) => {
  test("writes one page that needs nothing else, with every particle in it", () =>
    atWork({ test: 20 }, async ({ data, weights, path, written }) => {
      const out = path("page.html");
      const args = ["report", weights, "--data", data, "--limit", "3", "--digits", "0,3,8", "--threads", "1"];
      assert.match(await succeeds([...args, "--out", out]), /^report written to .*page\.html, \d\.\d MB; open it/);
      assert.equal(written(), ["page.html"]);
      const page = readFileSync(out, "utf8");

      assert.match(page, /^<!doctype html>\n<html lang="en">/);
      assert.match(page, /<\/html>\n$/);
      assert.match(
        page,
        /<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; img-src data:;/,
      );
      // What could be loaded is inside: pictures as data, arrows and boxes by their names in the page.
      const sources = [...page.matchAll(/\b(?:src|href|srcset|action|data)="([^"]*)"/g)].map(([, source]) => source!);
      assert.ok(sources.length > 150);
      assert.equal(
        sources.filter((source) => !/^(data:image\/png;base64,|#|data:,$)/.test(source)),
        [],
      );
      assert.is(countOf(page, /https?:|@import|url\((?!#)/g), 0);
      assert.is(countOf(page, /undefined|\bNaN\b|\[object/g), 0);

      assert.equal(
        [...page.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id),
        sections,
      );
      for (const id of sections) assert.ok(page.includes(`<a href="#${id}">`), id);
      assert.is(countOf(page, /✓ all bits equal/g), 3);
      assert.is(countOf(page, /alt="filter \d+ of conv1"/g), 32);
      assert.is(countOf(page, /alt="filter \d+ of conv2"/g), 64);
      assert.is(countOf(page, /<div class="digit" id="panel-[038]">/g), 3);
      assert.is(countOf(page, /alt="Grad-CAM for \d"/g), 3);
      assert.is(countOf(page, /alt="\d+ feature maps behind relu#[12]"/g), 6);
      assert.is(countOf(page, /<svg class="graph /g), 3);
      assert.is(countOf(page, /<use href="#box-\d+"/g), 3 * 12);
      assert.is(countOf(page, /<rect class="s[01]" [^>]*><title>conv2d#[12]\/filter/g), 2 * 96);

      const model = loadModel(new Sora(), weights);
      for (const granularity of ["layer", "op", "kernel"] as const) {
        const graph = study.decompose(model, zeros([1, 1, 28, 28]), { granularity });
        const from = page.indexOf(`<summary>${granularity} granularity`);
        const table = page.slice(from, page.indexOf("</table>", from));
        assert.ok(table.includes('<td class="number" data-value="421642">421,642</td>'));
        for (const node of graph.nodes) {
          const row = `<th scope="row">${granularity === "layer" ? node.layer : node.id}</th>`;
          const start = table.indexOf(row);
          assert.ok(start > 0, row);
          const hash = study.contentSha256(node, graph.tensors);
          assert.ok(table.slice(start, table.indexOf("</tr>", start)).includes(`title="${hash}">${hash}<`), node.id);
        }
      }
      assert.is(countOf(page, new RegExp(weightsSha256(model), "g")), 3);
      model.dispose();
    }));

  test("says on how many images it measured where Ctrl-C ended it", () =>
    atWork({ test: 500 }, async ({ data, weights, path }) => {
      const args = ["report", weights, "--data", data, "--out", path("page.html"), "--digits", "7", "--threads", "1"];
      const { code, stderr } = await quarkgrad(args, /removals \d/);
      assert.is(code, 130, stderr);
      assert.match(readFileSync(path("page.html"), "utf8"), /on the first [1234]?00 test images\./);
    }));

  test("refuses what it cannot do in one line, and leaves no file", () =>
    atWork({ test: 5 }, async ({ data, weights, folder, path, written }) => {
      const out = ["--data", data, "--threads", "1", "--limit", "1", "--out"];
      const page = path("page.html");
      await Promise.all([
        refused(
          ["report"],
          /^quarkgrad: report: trained weights are needed; make them with "npx quarkgrad train --save/,
        ),
        refused(["report", path("none"), ...out, page], /none: there is no such file or folder; check the path/),
        refused(["report", weights, ...out, folder], /is a folder/),
        refused(["report", weights, ...out, path("a/b.html")], /no folder that can be written to; make it, or choose/),
        refused(["report", weights, ...out, page, "--digits", "9"], /no test image shows a 9; choose other --digits/),
        refused(["report", weights, "--digits", "1,1"], /It must be different digits with commas between them/),
        refused(["report", weights, "--digits", "12"], /It must be different digits/),
        refused(["report", weights, "--limit", "0"], /It must be a whole number of at least 1/),
      ]);
      assert.equal(written(), []);
    }));
});
