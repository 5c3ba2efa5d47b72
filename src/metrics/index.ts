export { accuracy, topKAccuracy } from "./accuracy.ts";
export { type Average, type AverageOptions, confusionMatrix, f1Score, precision, recall } from "./confusion.ts";
export { type CalibrationBin, calibrationCurve, calibrationError, hitRate, rocAuc } from "./ranking.ts";
export { meanAbsoluteError, rmse } from "./regression.ts";
