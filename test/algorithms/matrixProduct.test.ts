import { manualSeed, randn, type Tensor, zeros } from "../../src/index.ts";
import { multiply } from "../../src/particles/matrix/how/matrixProduct.ts";
import { bits } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

suite("matrix product", (test) => {
  for (const [M, N, K] of [
    [1, 40, 70],
    [5, 7, 3],
    [33, 50, 300],
    [64, 64, 64],
  ] as const) {
    test(`max(A · B + bias, 0) in the epilogue has the bits of the product, ${M}×${K}×${N}`, () => {
      manualSeed(M);
      const [a, b, bias] = [randn([M, K]), randn([K, N]), randn([N])];
      const [plain, rectified]: [Tensor, Tensor] = [zeros([M, N]), zeros([M, N])];
      const size = { M, N, K, bias: bias.storage.ptr };
      multiply(a.storage.ptr, b.storage.ptr, plain.storage.ptr, size);
      multiply(a.storage.ptr, b.storage.ptr, rectified.storage.ptr, { ...size, relu: true });
      bits(
        rectified,
        [...plain.data].map((value) => (value < 0 ? 0 : value)),
      );
    });
  }
});
