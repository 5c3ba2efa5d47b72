import { readdirSync, symlinkSync } from "node:fs";
import * as assert from "uvu/assert";
import { atWork, lastLine, quarkgrad, refused, succeeds } from "../helpers/commandLine.ts";
import { suite } from "../helpers/suite.ts";

interface Report {
  readonly epochs: readonly { readonly loss: number; readonly testAccuracy: number }[];
  readonly weightsSha256: string;
}

const figures = ({ epochs, weightsSha256 }: Report) => [
  epochs.map(({ loss, testAccuracy }) => [loss, testAccuracy]),
  weightsSha256,
];

suite("quarkgrad train --checkpoint", (test) => {
  test("goes on after Ctrl-C with the same bits, also with another number of threads", () =>
    atWork({ train: 330, test: 20 }, async ({ data, path }) => {
      const args = ["train", "--data", data, "--epochs", "2", "--batch-size", "8", "--seed", "5", "--json"];
      const whole = figures(lastLine<Report>(await succeeds([...args, "--threads", "1"])));
      const kept = ["--checkpoint", path("run"), "--checkpoint-every", "4"];
      const stopped = await quarkgrad([...args, ...kept, "--threads", "1"], /^epoch 1\/2 1\/42 /m);
      assert.is(stopped.code, 130, stopped.stderr);
      assert.ok(readdirSync(path("run")).length >= 1);
      const resumed = await quarkgrad([...args, ...kept, "--threads", "2", "--resume"]);
      assert.is(resumed.code, 0, resumed.stderr);
      assert.match(resumed.stderr, /of MNIST; 2 threads$/m);
      assert.match(resumed.stderr, /^goes on after step \d+, in epoch [12]$/m);
      assert.equal(figures(lastLine<Report>(resumed.stdout)), whole);
      assert.equal(readdirSync(path("run")).length, 2);

      // What is done is done: the same report once more.
      const again = await succeeds([...args, ...kept, "--threads", "1", "--resume"]);
      assert.equal(figures(lastLine<Report>(again)), whole);

      await refused([...args, ...kept], /has a checkpoint of step 84; add --resume to go on, or give another folder/);
      await refused(
        ["train", "--checkpoint", path("run"), "--resume", "--lr", "0.5"],
        /^quarkgrad: --resume: the training was begun with lr 0\.001, not 0\.5; leave the option out/,
      );
    }));

  test("refuses what it cannot go on with, and paths it cannot write, before it trains", () =>
    atWork({ train: 8, test: 1 }, async ({ data, path }) => {
      const args = ["train", "--data", data, "--threads", "1"];
      await refused([...args, "--resume"], /^quarkgrad: --resume: name the folder of the checkpoints/);
      await refused(
        [...args, "--resume", "--checkpoint", path("none")],
        /there is no checkpoint in .*none; leave --resume out/,
      );
      await refused([...args, "--save", path("")], /: this is a folder, no file; nothing was written$/m);
      await refused([...args, "--save", path("none/file")], /: there is no folder .*none; nothing was written$/m);
      symlinkSync("/dev/full", path("device"));
      await refused([...args, "--save", path("device")], /: this is a device or a socket, no file/);
    }));
});
