/** Programs without a loader or a scope: linear memory stays bounded, and no tensor that is still held loses its numbers. */
import * as assert from "uvu/assert";
import {
  argmax,
  crossEntropy,
  manualSeed,
  memory,
  nn,
  noGrad,
  ones,
  optim,
  rand,
  randint,
  relu,
  scope,
  sum,
  type Tensor,
  tensor,
} from "../../src/index.ts";
import { weightsSha256 } from "../../src/io/weightsSha256.ts";
import { suite } from "../helpers/suite.ts";

const mebibyte = 2 ** 20;
/** Two rounds of what may be added before blocks move to the heap. */
const bound = 2 * 64 * mebibyte;

function model(): nn.Module {
  return new nn.Sequential(new nn.Linear(256, 512), new nn.ReLU(), new nn.Linear(512, 10));
}

/** Trains for some steps, leaving every handle to the garbage collector; returns the most that was live. */
function train(net: nn.Module, steps: number): number {
  const optimizer = new optim.Adam(net.parameters(), 1e-3);
  let most = 0;
  for (let step = 0; step < steps; step++) {
    const loss = crossEntropy(net.forward(rand(256, 256)), randint(10, [256]));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    most = Math.max(most, memory().liveBytes);
  }
  optimizer.dispose();
  return most;
}

suite("plain loops", (test) => {
  test("train in bounded memory, synchronous", () => {
    const net = model();
    const before = memory().liveBytes;
    const most = train(net, 150);
    assert.ok(most - before < bound + 8 * mebibyte, `${most} bytes were live`);
    net.dispose();
  });

  test("give the bits that they give in scopes", () => {
    const hashes = [false, true].map((scoped) => {
      manualSeed(1);
      const net = model();
      const run = () => train(net, 100);
      if (scoped) scope(run);
      else run();
      const hash = weightsSha256(net);
      net.dispose();
      return hash;
    });
    assert.is(hashes[0], hashes[1]);
  });

  test("infer in bounded memory, recorded or not", () => {
    const net = model();
    const before = memory().liveBytes;
    for (const run of [(body: () => Tensor) => noGrad(body), (body: () => Tensor) => body()]) {
      let most = 0;
      for (let pass = 0; pass < 100; pass++) {
        argmax(
          run(() => net.forward(rand(512, 256))),
          1,
        );
        most = Math.max(most, memory().liveBytes);
      }
      assert.ok(most - before < 2 * bound, `${most} bytes were live`);
    }
    net.dispose();
  });

  test("keep the numbers of every tensor that is still held", () => {
    const held = Array.from({ length: 40 }, (_, index) => relu(tensor([index, -index, ...new Array(250_000).fill(1)])));
    for (let pass = 0; pass < 40; pass++) relu(ones(1_000_000));
    for (const [index, one] of held.entries()) {
      const total = sum(one);
      assert.is(total.item(), index + 250_000);
      assert.equal([...(one.toArray() as number[]).slice(0, 2)], [index, 0]);
    }
    for (const one of held) one.dispose();
  });

  test("keep the numbers that backward reads, and what a view was handed out of", () => {
    const x = rand([500_000], { requiresGrad: true });
    const view = tensor([1, 2, 3]);
    const { data } = view;
    const y = relu(x);
    const loss = sum(y.mul(y));
    for (let pass = 0; pass < 40; pass++) relu(ones(1_000_000));
    data[0] = 5;
    assert.equal(view.toArray(), [5, 2, 3]);
    loss.backward();
    const [grad, value] = [x.grad!.toArray() as number[], x.toArray() as number[]];
    for (let at = 0; at < grad.length; at += 9973) assert.is(grad[at], 2 * value[at]!);
    for (const one of [x, view]) one.dispose();
  });
});
