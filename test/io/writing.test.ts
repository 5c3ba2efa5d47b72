/** Files that are written whole or not at all, on a disk that fails. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { Checkpoint, DataError, nn } from "../../src/index.ts";
import { checkWritable, type FileSystem, writeWhole } from "../../src/node/files.ts";
import { folderStore } from "../../src/node/folderStore.ts";
import { suite } from "../helpers/suite.ts";

async function inFolder(body: (folder: string) => unknown): Promise<void> {
  const folder = fs.mkdtempSync(join(tmpdir(), "quarkgrad-writing-"));
  try {
    await body(folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (path: string) => fs.readFileSync(path, "utf8");

function refuses(body: () => unknown, message: RegExp): void {
  assert.throws(body, (error: unknown) => error instanceof DataError && message.test((error as Error).message));
}

const failing = (code: string) => () => {
  throw Object.assign(new Error(`${code}: as injected`), { code });
};

/** What goes wrong on the way, and what the message says of it. */
const faults: readonly (readonly [title: string, system: Partial<FileSystem>, reason: string])[] = [
  ["no file can be made", { openSync: failing("EACCES") as never }, "there is no permission"],
  ["the disk is full at once", { writeSync: failing("ENOSPC") as never }, "the disk is full"],
  [
    "the disk is full in the middle",
    {
      writeSync: ((file: number, data: Uint8Array) => {
        if (fs.fstatSync(file).size > 3) return failing("ENOSPC")();
        return fs.writeSync(file, data.subarray(0, 2));
      }) as never,
    },
    "the disk is full",
  ],
  ["nothing is taken any more", { writeSync: (() => 0) as never }, "the disk takes no more"],
  ["the bytes do not reach the disk", { fsyncSync: failing("EIO") as never }, "EIO: as injected"],
  [
    "it cannot be closed",
    {
      closeSync: ((file: number) => {
        fs.closeSync(file);
        failing("EIO")();
      }) as never,
    },
    "EIO: as injected",
  ],
  ["it cannot be renamed", { renameSync: failing("EPERM") as never }, "this is not permitted"],
];

suite("writing a file", (test) => {
  for (const [title, broken, reason] of faults) {
    test(`where ${title}, the old one stays and nothing is left over`, () =>
      inFolder((folder) => {
        const path = join(folder, "file");
        fs.writeFileSync(path, "old");
        refuses(
          () => writeWhole(path, bytes("new bytes"), { ...fs, ...broken }),
          new RegExp(`/file: ${reason}; nothing was written$`),
        );
        assert.is(textOf(path), "old");
        assert.equal(fs.readdirSync(folder), ["file"]);
      }));
  }

  test("takes as many turns as the disk wants", () =>
    inFolder((folder) => {
      const path = join(folder, "file");
      const writeSync = ((file: number, data: Uint8Array) => fs.writeSync(file, data.subarray(0, 3))) as never;
      writeWhole(path, bytes("ten bytes."), { ...fs, writeSync });
      assert.is(textOf(path), "ten bytes.");
    }));

  test("where a folder cannot be forced to disk, it is written all the same", () =>
    inFolder((folder) => {
      const path = join(folder, "file");
      const openSync = ((at: string, flags: string) =>
        flags === "r" ? failing("EISDIR")() : fs.openSync(at, flags)) as never;
      writeWhole(path, bytes("new"), { ...fs, openSync });
      assert.is(textOf(path), "new");
    }));

  test("keeps links and modes", () =>
    inFolder((folder) => {
      const [file, link, far] = ["file", "link", "far"].map((name) => join(folder, name)) as [string, string, string];
      fs.writeFileSync(file, "old", { mode: 0o640 });
      fs.chmodSync(file, 0o640);
      fs.symlinkSync("file", link);
      fs.symlinkSync("link", far);
      writeWhole(far, bytes("new"));
      assert.is(textOf(file), "new");
      assert.is(fs.readlinkSync(far), "link");
      assert.is(fs.statSync(file).mode & 0o777, 0o640);
      fs.symlinkSync(join(folder, "later"), join(folder, "dangling"));
      writeWhole(join(folder, "dangling"), bytes("there"));
      assert.is(textOf(join(folder, "later")), "there");
      fs.symlinkSync("b", join(folder, "a"));
      fs.symlinkSync("a", join(folder, "b"));
      refuses(() => writeWhole(join(folder, "a"), bytes("x")), /the link leads through more than 40 others/);
    }));

  test("refuses what is no file, before and after", () =>
    inFolder((folder) => {
      execFileSync("mkfifo", [join(folder, "pipe")]);
      for (const write of [checkWritable, (path: string) => writeWhole(path, bytes("x"))]) {
        refuses(() => write(folder), /: this is a folder, no file; nothing was written$/);
        refuses(() => write(join(folder, "pipe")), /: this is a pipe, no file; nothing was written$/);
        refuses(() => write("/dev/null"), /: this is a device or a socket, no file; nothing was written$/);
        refuses(() => write(join(folder, "none", "file")), /: there is no folder .*none; nothing was written$/);
      }
      assert.ok(fs.lstatSync(join(folder, "pipe")).isFIFO());
    }));

  test("a checkpoint that cannot be written leaves the one before", () =>
    inFolder(async (folder) => {
      const model = new nn.Linear(2, 1);
      for (const [title, broken, reason] of faults) {
        const place = join(folder, title);
        await new Checkpoint(folderStore(place), { model }).save(1, "first");
        const checkpoint = new Checkpoint(folderStore(place, { ...fs, ...broken }), { model });
        try {
          await checkpoint.save(2, "second");
          assert.unreachable("it was written");
        } catch (error) {
          assert.match((error as Error).message, reason);
        }
        const saved = (await new Checkpoint(folderStore(place), { model }).load())!;
        assert.equal([saved.step, saved.progress], [1, "first"], title);
        assert.is(fs.readdirSync(place).length, 1);
      }
      model.dispose();
    }));
});
