import * as assert from "uvu/assert";
import { isRecording } from "../../src/core/recording.ts";
import { orderThread } from "../../src/engine/threads.ts";
import {
  backward,
  enableGrad,
  GraphError,
  memory,
  noGrad,
  ones,
  rand,
  ShapeError,
  scope,
  setThreads,
  type Tensor,
  tensor,
  WorkerDiedError,
} from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { expectError } from "../helpers/particleChecks.ts";
import { suite } from "../helpers/suite.ts";
import { add, first, halve, mul, same, trap } from "../helpers/toys.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });
const scalar = (value: number) => tensor(value, { requiresGrad: true });

suite("backward", (test) => {
  test("follows a diamond", () => {
    // y = (x·x)·(x/2) = x³/2, so dy/dx = 3x²/2
    const x = scalar(4);
    backward(mul(mul(x, x), halve(x)));
    bits(x.grad!, [24]);
  });

  test("follows a ladder of diamonds, each step once", () => {
    // y ← y + y, thirty times: 2³⁰ paths, thirty steps
    const x = scalar(1);
    let y: Tensor = x;
    for (let rung = 0; rung < 30; rung++) y = add(y, y);
    backward(y);
    bits(x.grad!, [2 ** 30]);
  });

  test("visits a step after all that use it, however long the other way is", () => {
    const x = scalar(3);
    const near = mul(x, x);
    let far: Tensor = near;
    for (let turn = 0; turn < 20; turn++) far = add(far, tensor(1));
    backward(add(far, near));
    bits(x.grad!, [12]);
  });

  test("the same tensor at two ports gets both gradients", () => {
    const x = leaf(2, 3);
    backward(mul(x, x), tensor([1, 10]));
    bits(x.grad!, [4, 60]);
  });

  test("takes a gradient for the result, and 1 for a scalar", () => {
    const x = leaf(1, 2);
    const gradient = tensor([3, 4]);
    backward(halve(x), gradient);
    bits(x.grad!, [1.5, 2]);
    bits(gradient, [3, 4]);
  });

  test("accumulates", () => {
    const x = scalar(5);
    backward(mul(x, x));
    const { grad } = x;
    backward(mul(x, x));
    bits(x.grad!, [20]);
    assert.is(x.grad, grad, "the same tensor grows");
  });

  test("of a leaf gives what arrives", () => {
    const x = scalar(5);
    backward(x);
    bits(x.grad!, [1]);
    const y = leaf(1, 2);
    backward(y, tensor([7, 8]));
    bits(y.grad!, [7, 8]);
  });

  test("passes through results that share their input's block", () => {
    const x = leaf(1, 2);
    const y = same(x);
    assert.is(y.storage, x.storage);
    backward(mul(same(same(y)), y), tensor([1, 1]));
    bits(x.grad!, [2, 4]);
  });

  test("reaches leaves only, and only those that want it", () => {
    const [x, constant] = [scalar(2), tensor(3)];
    const y = mul(x, constant);
    backward(mul(y, y));
    assert.is(constant.grad, undefined);
    assert.is(y.grad, undefined);
    bits(x.grad!, [36]);
  });

  test("keeps the gradient of a result that asks for it, and adds to it", () => {
    const x = scalar(2);
    const y = mul(x, x).retainGrad();
    const z = mul(y, y);
    backward(z, undefined, { retainGraph: true });
    bits(y.grad!, [8]);
    backward(z);
    bits(y.grad!, [16]);
    bits(x.grad!, [64]);
  });

  test("stops at detach()", () => {
    const x = scalar(2);
    const y = mul(x, x).detach();
    assert.not(y.requiresGrad);
    backward(mul(y, x));
    bits(x.grad!, [4]);
  });

  test("does without results that were disposed, since steps own what they need", () => {
    const x = scalar(3);
    const y = mul(x, x);
    const z = mul(y, y);
    y.dispose();
    backward(z);
    bits(x.grad!, [108]);
  });

  test("drops the gradient of a leaf that was disposed", () => {
    const [x, y] = [scalar(2), scalar(3)];
    const z = mul(x, y);
    x.dispose();
    backward(z);
    bits(y.grad!, [2]);
  });

  test("loses nothing where a gradient was disposed", () => {
    const x = leaf(1, 2);
    const y = mul(x, x);
    const gradient = tensor([1, 1]);
    gradient.dispose();
    const before = memory().liveBlocks;
    assert.throws(() => backward(y, gradient), /disposed/);
    assert.is(memory().liveBlocks, before);

    const [a, b] = [scalar(2), scalar(3)];
    backward(mul(a, b));
    b.grad!.dispose();
    assert.throws(() => backward(mul(a, b)), /disposed/);
    bits(a.grad!, [3]); // all or none
  });

  test("frees what steps kept while it walks", () => {
    const x = leaf(1, 2, 3);
    const before = memory().liveBlocks;
    const y = scope(() => mul(mul(x, x), mul(x, x)));
    assert.is(memory().liveBlocks, before + 3, "the result, and the two products that it keeps");
    backward(y, y);
    assert.is(memory().liveBlocks, before + 2, "the result and the gradient");
  });

  test("a result that is dropped without backward leaves nothing", () => {
    const x = leaf(1, 2, 3);
    const before = memory().liveBlocks;
    scope(() => void mul(mul(x, x), halve(mul(x, x))));
    assert.is(memory().liveBlocks, before);
  });

  test("a loop of steps needs no more memory at its end than at its beginning", () => {
    const x = leaf(1, 2, 3);
    let live = 0;
    for (let turn = 0; turn < 1000; turn++) {
      scope(() => backward(mul(mul(x, x), x), tensor([1, 1, 1])));
      x.grad!.dispose();
      x.grad = undefined;
      if (turn === 10) live = memory().liveBytes;
    }
    assert.is(memory().liveBytes, live);
  });
});

suite("graphs without end", (test) => {
  const steps = 100_000;
  const chain = (x: Tensor) => {
    let y: Tensor = x;
    for (let turn = 0; turn < steps; turn++) {
      const next = add(y, one!);
      if (y !== x) y.dispose();
      y = next;
    }
    return y;
  };
  let one: Tensor | undefined;

  test("a chain of 100,000 steps is walked", () => {
    one = tensor(1);
    const x = scalar(1);
    const y = chain(x);
    bits(y, [steps + 1]);
    backward(y);
    bits(x.grad!, [1]);
  });

  test("a chain of 100,000 steps is dropped", () => {
    one = tensor(1);
    const before = memory().liveBlocks;
    chain(scalar(1)).dispose();
    assert.is(memory().liveBlocks, before + 1);
  });

  test("100,000 steps on one leaf add up", () => {
    const x = scalar(1);
    let sum: Tensor = x;
    for (let turn = 0; turn < steps; turn++) {
      const next = add(sum, x);
      if (sum !== x) sum.dispose();
      sum = next;
    }
    backward(sum);
    bits(x.grad!, [steps + 1]);
  });
});

suite("recording", (test) => {
  test("happens where an input requires a gradient", () => {
    assert.not(mul(tensor(1), tensor(2)).requiresGrad);
    assert.ok(mul(tensor(1), scalar(2)).requiresGrad);
    assert.is(mul(tensor(1), scalar(2)).step!.particle.name, "toyMul");
    assert.is(mul(tensor(1), tensor(2)).step, undefined);
  });

  test("does not happen for a particle without backward", () => {
    const index = first(leaf(3, 4));
    assert.is(index.dtype, "int32");
    assert.not(index.requiresGrad);
    assert.ok(index.isLeaf);
  });

  test("stops in noGrad and comes back in enableGrad, also after an error", () => {
    const x = scalar(2);
    noGrad(() => {
      assert.not(mul(x, x).requiresGrad);
      enableGrad(() => {
        assert.ok(mul(x, x).requiresGrad);
        noGrad(() => assert.not(isRecording()));
        assert.ok(isRecording());
      });
      assert.not(isRecording());
    });
    const fail = () => {
      throw new Error("inside");
    };
    assert.throws(() => noGrad(fail), /inside/);
    assert.ok(isRecording());
    const seven = noGrad(() => 7);
    assert.is(seven, 7);
  });

  test("refuses a body that returns a Promise", () => {
    expectError(
      () => noGrad(async () => {}),
      GraphError,
      "noGrad: the body returned a Promise; ops are synchronous, so await the data before entering the noGrad",
    );
    assert.ok(isRecording());
  });
});

suite("misuse of backward", (test) => {
  const again =
    "backward: this graph was already walked and its buffers were freed; run the forward pass again, or pass retainGraph to the first backward";

  test("a result of several elements needs a gradient", () => {
    const y = halve(leaf(1, 2));
    expectError(
      () => backward(y),
      GraphError,
      "backward: the loss must be a scalar, got [2]; reduce it first, e.g. mean(loss)",
    );
    backward(y, tensor([1, 1]));
  });

  test("the gradient has the shape of the result", () => {
    const y = halve(leaf(1, 2));
    expectError(
      () => backward(y, tensor([1, 1, 1])),
      ShapeError,
      "backward: the gradient must have the shape of the result (gradient [3], result [2])",
    );
  });

  test("something has to require a gradient", () => {
    const message =
      "backward: nothing here requires a gradient (input []); set requiresGrad on a leaf, and do not compute under noGrad";
    expectError(() => backward(tensor(1)), GraphError, message);
    expectError(() => backward(mul(tensor(1), tensor(2))), GraphError, message);
    const x = scalar(1);
    expectError(() => backward(noGrad(() => mul(x, x))), GraphError, message);
  });

  test("a graph is walked once", () => {
    const x = scalar(3);
    const y = mul(x, x);
    backward(y);
    expectError(() => backward(y), GraphError, again);
    bits(x.grad!, [6]);
  });

  test("a graph of which a part was walked is refused before anything is changed", () => {
    const [x, w] = [scalar(3), scalar(2)];
    const y = mul(x, x);
    const z = mul(y, w);
    backward(y);
    expectError(() => backward(z), GraphError, again);
    assert.is(w.grad, undefined);
    bits(x.grad!, [6]);
  });

  test("retainGraph lets it be walked again", () => {
    const x = scalar(3);
    const y = mul(x, x);
    for (let turn = 1; turn <= 3; turn++) {
      backward(y, undefined, { retainGraph: true });
      bits(x.grad!, [6 * turn]);
    }
    backward(y);
    expectError(() => backward(y), GraphError, again);
  });

  test("a kept block that was changed in place is found, and nothing is computed from it", () => {
    const [x, w] = [scalar(3), scalar(2)];
    w.label = "weight";
    const y = mul(x, w);
    w.storage.version++;
    expectError(
      () => backward(y),
      GraphError,
      'backward: toyMul kept its b ("weight") at version 0, but it was changed in place since and is at version 1; change it after backward, or compute with a copy',
    );
    assert.is(x.grad, undefined);
    assert.is(w.grad, undefined);
    backward(mul(x, w));
    bits(x.grad!, [2]);
  });

  test("a change of a block that shares is found too, a change of one that nobody kept is not", () => {
    const x = scalar(3);
    const y = mul(same(x), x);
    x.storage.version++;
    expectError(
      () => backward(y),
      GraphError,
      `backward: toyMul kept its a ("${x.label}") at version 0, but it was changed in place since and is at version 1; change it after backward, or compute with a copy`,
    );
    const z = halve(x);
    x.storage.version++;
    backward(z);
    bits(x.grad!, [0.5]);
  });

  test("a kernel that traps leaves no gradients and no blocks", () => {
    const [x, w] = [leaf(1, 2), leaf(3, 4)];
    const before = memory().liveBlocks;
    assert.throws(() => trap(x, "forward"), /unreachable/);
    assert.is(memory().liveBlocks, before);
    scope(() => {
      const y = mul(trap(x, "backward"), w);
      assert.throws(() => backward(y, tensor([1, 1])), /unreachable/);
      expectError(() => backward(y, tensor([1, 1])), GraphError, again);
    });
    assert.is(x.grad, undefined);
    assert.is(w.grad, undefined);
    assert.is(memory().liveBlocks, before);
  });

  test("a worker that dies while gradients are added up leaves no gradients and no blocks", async () => {
    const x = rand([2 ** 20]);
    x.requiresGrad = true;
    const gradient = ones([2 ** 20]);
    await setThreads(2);
    const before = memory().liveBlocks;
    orderThread(1, "throw");
    // The worker may come too late to take a piece, and then nothing happens.
    const died = () => {
      try {
        scope(() => backward(add(x, x), gradient));
      } catch (error) {
        return error instanceof WorkerDiedError;
      }
      x.grad?.dispose();
      x.grad = undefined;
      return false;
    };
    let turns = 0;
    while (!died()) assert.ok(++turns < 1000, "the worker took no piece");
    assert.is(x.grad, undefined);
    assert.is(memory().liveBlocks, before);
    await setThreads(1);
  });

  test("an error in forward leaves recording and the graph as they were", () => {
    const x = scalar(2);
    assert.throws(() => noGrad(() => trap(x, "forward")));
    const y = mul(x, x);
    backward(y);
    bits(x.grad!, [4]);
  });
});
