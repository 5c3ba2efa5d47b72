import { Worker } from "node:worker_threads";
import { suite } from "../suite.ts";

suite("leaks a worker", (test) => {
  test("starts it and goes away", () => {
    new Worker("setInterval(() => {}, 1000)", { eval: true });
  });
});
