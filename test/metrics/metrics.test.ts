import * as assert from "uvu/assert";
import { DataError, DtypeError, metrics, OptionError, rand, randint, ShapeError, tensor } from "../../src/index.ts";
import { bound } from "../helpers/compare.ts";
import { suite } from "../helpers/suite.ts";

function fails(body: () => unknown, kind: abstract new (...args: never) => Error, message: string): void {
  assert.throws(body, (error: unknown) => {
    assert.instance(error, kind);
    assert.is((error as Error).message, message);
    return true;
  });
}

const near = (found: number, wanted: number) => bound([found], [wanted], 1e-12);

// The examples of scikit-learn's pages, with the figures that stand there.
const truth = [0, 1, 2, 0, 1, 2];
const guess = [0, 2, 1, 0, 0, 1];

suite("metrics of classes", (test) => {
  test("accuracy takes scores or classes", () => {
    const scores = tensor([
      [0.1, 0.9],
      [0.8, 0.2],
      [0.5, 0.5],
    ]);
    near(metrics.accuracy(scores, tensor([1, 1, 0], { dtype: "int32" })), 2 / 3);
    near(metrics.accuracy(guess, truth), 2 / 6);
  });

  test("top-k", () => {
    const scores = tensor([
      [0.5, 0.2, 0.2],
      [0.3, 0.4, 0.2],
      [0.2, 0.4, 0.3],
      [0.7, 0.2, 0.1],
    ]);
    near(metrics.topKAccuracy(scores, [0, 1, 2, 2], 2), 0.75);
    near(metrics.topKAccuracy(scores, [0, 1, 2, 2], 1), 0.5);
    near(metrics.topKAccuracy(tensor([[Number.NaN, 0]]), [0], 1), 0);
    near(metrics.topKAccuracy(tensor([[1, 1]]), [1], 1), 0);
  });

  test("confusion, precision, recall, F1", () => {
    assert.equal(metrics.confusionMatrix(guess, truth), [
      [2, 0, 0],
      [1, 0, 1],
      [0, 2, 0],
    ]);
    assert.is(metrics.confusionMatrix(guess, truth, 5).length, 5);
    near(metrics.precision(guess, truth), 2 / 9);
    near(metrics.precision(guess, truth, "micro"), 1 / 3);
    near(metrics.recall(guess, truth), 1 / 3);
    near(metrics.f1Score(guess, truth), 4 / 15);
    near(metrics.f1Score(guess, truth, { average: "weighted" }), 4 / 15);
    near(metrics.f1Score([1, 1, 0, 0], [1, 0, 1, 0], "binary"), 0.5);
    near(metrics.f1Score([0, 0], [0, 0], "binary"), 0);
    near(metrics.f1Score([2, 0], [2, 0]), 1);
  });

  test("refuse what does not fit", () => {
    fails(
      () => metrics.accuracy([1, 2], [1]),
      ShapeError,
      "accuracy: 2 outputs and 1 targets; there must be as many of each, and some",
    );
    fails(
      () => metrics.accuracy(rand([1, 2, 3]), [1]),
      ShapeError,
      "accuracy: the output must be classes [N] or scores [N, C], got [1, 2, 3]",
    );
    fails(
      () => metrics.confusionMatrix([0.5], [1]),
      DtypeError,
      "confusionMatrix: label 0 is 0.5; labels are whole numbers from 0 on",
    );
    fails(() => metrics.confusionMatrix([3], [1], 2), ShapeError, "confusionMatrix: class 3 is beyond the 2 classes");
    fails(
      () => metrics.topKAccuracy(rand([2, 3]), [0, 3], 1),
      ShapeError,
      "topKAccuracy: label 1 is 3, but there are scores for 3 ([2, 3])",
    );
    fails(() => metrics.topKAccuracy(rand([3]), [0], 1), ShapeError, "topKAccuracy: scores must be [N, C], got [3]");
    fails(
      () => metrics.hitRate(rand([1, 3]), [0], 0),
      OptionError,
      "hitRate: k must be a whole number of at least 1, got 0",
    );
    fails(
      () => metrics.f1Score([1], [1], { averge: "micro" } as never),
      OptionError,
      'f1Score: option "averge" is not known; did you mean "average"?',
    );
  });
});

suite("metrics of rankings", (test) => {
  test("AUC is the share of pairs in the right order", () => {
    near(metrics.rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]), 0.75);
    const scores = randint(20, [300]);
    const labels = randint(2, [300]);
    let [won, pairs] = [0, 0];
    for (const [i, a] of [...scores.data].entries()) {
      for (const [j, b] of [...scores.data].entries()) {
        if (labels.data[i] !== 1 || labels.data[j] !== 0) continue;
        pairs++;
        won += a > b ? 1 : a === b ? 0.5 : 0;
      }
    }
    near(metrics.rocAuc(scores, labels), won / pairs);
    fails(
      () => metrics.rocAuc([1, 2], [1, 1]),
      DataError,
      "rocAuc: 2 samples of class 1 and 0 of class 0; both are needed",
    );
    fails(() => metrics.rocAuc([Number.NaN, 2], [1, 0]), DataError, "rocAuc: score 0 is NaN");
  });

  test("hit rate", () => {
    const scores = tensor([
      [3, 2, 1],
      [3, 2, 1],
    ]);
    near(metrics.hitRate(scores, [0, 2], 1), 0.5);
    near(metrics.hitRate(scores, [1, 2], 2), 0.5);
    near(metrics.hitRate(scores, [1, 2]), 1);
  });

  test("calibration", () => {
    const probabilities = [0.05, 0.15, 0.12, 0.95, 1];
    const labels = [0, 0, 1, 1, 1];
    const curve = metrics.calibrationCurve(probabilities, labels, 10);
    assert.equal(
      curve.map(({ count, observed }) => [count, observed]),
      [
        [1, 0],
        [2, 0.5],
        [2, 1],
      ],
    );
    bound(
      curve.map(({ predicted }) => predicted),
      [0.05, 0.135, 0.975],
      1e-12,
    );
    near(metrics.calibrationError(probabilities, labels), (0.05 + 2 * 0.365 + 2 * 0.025) / 5);
    fails(
      () => metrics.calibrationCurve([2], [1]),
      DataError,
      "calibrationCurve: probability 0 is 2; apply sigmoid or softmax first",
    );
  });

  test("distances", () => {
    near(metrics.rmse(tensor([1, 2, 3]), tensor([1, 4, 6])), Math.sqrt(13 / 3));
    near(metrics.meanAbsoluteError([1, 2, 3], [1, 4, 6]), 5 / 3);
  });
});
