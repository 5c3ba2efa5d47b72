import { inspect } from "node:util";
import * as assert from "uvu/assert";
import { openScope } from "../../src/core/scope.ts";
import {
  backward,
  DisposedError,
  DtypeError,
  GraphError,
  memory,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import { bits } from "../helpers/compare.ts";
import { expectError } from "../helpers/particleChecks.ts";
import { suite } from "../helpers/suite.ts";
import { halve, mul, same } from "../helpers/toys.ts";

suite("tensor", (test) => {
  test("knows its shape, dtype, size and rank", () => {
    const x = tensor([[1, 2, 3]]);
    assert.equal(x.shape, [1, 3]);
    assert.is(x.dtype, "float32");
    assert.is(x.size, 3);
    assert.is(x.rank, 2);
    assert.ok(x.isLeaf);
    assert.is(x.label, "tensor");
    x.label = "input";
    assert.is(memory().largest[0]?.label, "input");
  });

  test("data is a view made at each read", () => {
    const x = tensor([1, 2]);
    x.data[1] = 5;
    bits(x, [1, 5]);
    assert.is.not(x.data, x.data);
    const { data } = x;
    zeros([4 * 2 ** 20]);
    bits(x, [1, 5]);
    assert.ok(data.length === 2 || data.length === 0);
  });

  test("toArray nests as deep as there are axes", () => {
    assert.equal(tensor([[1, 2], [3, 4]]).toArray(), [[1, 2], [3, 4]]); // biome-ignore format: as matrices
    assert.is(tensor(7).toArray(), 7);
    assert.equal(tensor([[], []]).toArray(), [[], []]);
    assert.equal(tensor([3], { dtype: "uint8" }).toArray(), [3]);
  });

  test("item needs just one element", () => {
    assert.is(tensor([[[4]]]).item(), 4);
    const message = (size: number, shape: string) =>
      `item: one element is needed, got ${size} (input ${shape}); use toArray() or reduce first`;
    expectError(() => tensor([1, 2]).item(), ShapeError, message(2, "[2]"));
    expectError(() => tensor([]).item(), ShapeError, message(0, "[0]"));
  });

  test("prints in the console, also after its end", () => {
    const x = tensor([1, 2.5]);
    assert.is(inspect(x), "tensor([1.0000, 2.5000])");
    x.dispose();
    assert.is(inspect(x), "tensor(disposed, shape [2])");
  });

  test("requiresGrad is for float32 and, once a step made it, for good", () => {
    const x = tensor([1]);
    assert.not(x.requiresGrad);
    x.requiresGrad = true;
    assert.ok(x.requiresGrad);
    x.requiresGrad = false;
    assert.not(x.requiresGrad);
    const index = tensor([1], { dtype: "int32" });
    expectError(
      () => (index.requiresGrad = true),
      DtypeError,
      'requiresGrad: only float32 tensors have gradients, got int32 ("tensor" [1])',
    );
    x.requiresGrad = true;
    const y = halve(x);
    assert.ok(y.requiresGrad);
    expectError(
      () => (y.requiresGrad = false),
      GraphError,
      'requiresGrad: only a leaf can stop requiring a gradient; use detach() on "toyHalve" [1]',
    );
  });

  test("detach shares the block and has no history", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.detach();
    assert.is(y.storage, x.storage);
    assert.not(y.requiresGrad);
    x.dispose();
    bits(y, [1, 2]);
  });
});

suite("the end of a tensor", (test) => {
  const byDispose = (label: string, shape: string) =>
    `tensor "${label}" ${shape} was disposed by dispose(); remove that call, or move it behind the last use`;

  test("gives its memory back, once", () => {
    const before = memory();
    const x = zeros([100]);
    assert.is(memory().liveBlocks, before.liveBlocks + 1);
    x.dispose();
    assert.is(memory().liveBlocks, before.liveBlocks);
    assert.ok(x.disposed);
    x.dispose();
    x[Symbol.dispose]();
    assert.is(memory().liveBytes, before.liveBytes);
  });

  test("gives its gradient's memory back too", () => {
    const x = tensor(2, { requiresGrad: true });
    const before = memory().liveBlocks;
    scope(() => backward(mul(x, x)));
    const { grad } = x;
    assert.is(memory().liveBlocks, before + 1);
    x.dispose();
    assert.is(memory().liveBlocks, before - 1);
    assert.ok(grad!.disposed);
  });

  test("comes with using, also where the block is left by an error", () => {
    const before = memory().liveBlocks;
    let seen: Tensor | undefined;
    const fail = () => {
      using x = zeros([3]);
      seen = x;
      throw new Error("inside");
    };
    assert.throws(fail, /inside/);
    assert.ok(seen!.disposed);
    assert.is(memory().liveBlocks, before);
  });

  test("makes every use an error that says what ended it", () => {
    const x = zeros([2]);
    x.label = "conv1.weight";
    x.dispose();
    const message = byDispose("conv1.weight", "[2]");
    const uses: (() => unknown)[] = [
      () => x.data,
      () => x.toArray(),
      () => x.storage,
      () => x.label,
      () => x.detach(),
      () => String(x),
      () => halve(x),
      () => mul(zeros([2]), x),
    ];
    for (const use of uses) expectError(use, DisposedError, message);
    const one = tensor(1);
    one.dispose();
    expectError(() => one.item(), DisposedError, byDispose("tensor", "[]"));
    assert.equal(x.shape, [2], "its shape is still known");
    assert.is(x.dtype, "float32");
  });

  test("is told with the scope that ended it", () => {
    let escaped: Tensor | undefined;
    for (const name of ["scope", "batch"]) {
      scope(() => void (escaped = zeros([2])), name);
      expectError(
        () => escaped!.data,
        DisposedError,
        `tensor "tensor" [2] was disposed when its ${name} ended; call keep() on it inside, or return it from the scope`,
      );
    }
  });

  test("of a loss makes backward an error", () => {
    const x = tensor(2, { requiresGrad: true });
    const y = mul(x, x);
    y.dispose();
    assert.throws(
      () => backward(y),
      (error: Error) => error instanceof DisposedError || error instanceof GraphError,
    );
  });

  test("of one handle leaves those that share the block", () => {
    const x = tensor([1, 2]);
    const y = same(x);
    x.dispose();
    bits(y, [1, 2]);
  });
});

suite("scope", (test) => {
  test("ends what was made in it, except what it returns", () => {
    const before = memory().liveBlocks;
    let inner: Tensor | undefined;
    const result = scope(() => {
      inner = tensor([1]);
      return halve(inner);
    });
    assert.ok(inner!.disposed);
    bits(result, [0.5]);
    assert.is(memory().liveBlocks, before + 1);
  });

  test("finds what it returns in arrays and objects, nested and in circles", () => {
    const result = scope(() => {
      const found: Record<string, unknown> = { a: tensor([1]), list: [tensor([2]), { deep: tensor([3]) }] };
      found.self = found;
      return found as { a: Tensor; list: [Tensor, { deep: Tensor }] };
    });
    bits(result.a, [1]);
    bits(result.list[0], [2]);
    bits(result.list[1].deep, [3]);
  });

  test("leaves what was made before it and what is kept", () => {
    const outside = tensor([1]);
    let kept: Tensor | undefined;
    scope(() => {
      kept = tensor([2]).keep();
      kept.keep();
      halve(outside);
    });
    bits(outside, [1]);
    bits(kept!, [2]);
    kept!.dispose();
  });

  test("leaves gradients of tensors from outside", () => {
    const x = tensor(3, { requiresGrad: true });
    scope(() => backward(mul(x, x)));
    bits(x.grad!, [6]);
  });

  test("nests: what the inner one returns belongs to the outer one", () => {
    let [passed, lost]: (Tensor | undefined)[] = [];
    scope(() => {
      passed = scope(() => {
        lost = tensor([1]);
        return tensor([2]);
      });
      assert.ok(lost!.disposed);
      bits(passed, [2]);
    });
    assert.ok(passed!.disposed);
  });

  test("ends after an error", () => {
    const before = memory().liveBlocks;
    const fail = () => {
      zeros([2]);
      throw new Error("inside");
    };
    assert.throws(() => scope(fail), /inside/);
    assert.is(memory().liveBlocks, before);
  });

  test("refuses a body that returns a Promise, and frees what it made", () => {
    const before = memory().liveBlocks;
    expectError(
      () => scope(async () => zeros([2])),
      GraphError,
      "scope: the body returned a Promise; ops are synchronous, so await the data before entering the scope",
    );
    assert.is(memory().liveBlocks, before);
  });

  test("returns whatever the body returns", () => {
    assert.is(
      scope(() => "text"),
      "text",
    );
    assert.is(
      scope(() => undefined),
      undefined,
    );
    assert.is(
      scope(() => null),
      null,
    );
  });

  test("scopes of interleaved loops may end in any order", () => {
    const [a, x] = [openScope("first"), zeros([1])];
    const [b, y] = [openScope("second"), zeros([1])];
    a.close();
    assert.ok(x.disposed);
    assert.not(y.disposed);
    const z = zeros([1]);
    b.close();
    assert.ok(y.disposed && z.disposed);
  });
});
