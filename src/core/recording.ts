/** Whether applications are recorded for backward. */
import { refusePromise } from "./scope.ts";

let recording = true;

export function isRecording(): boolean {
  return recording;
}

/** Runs `body` without recording: results require no gradient and keep nothing. */
export function noGrad<T>(body: () => T): T {
  return withRecording("noGrad", false, body);
}

/** Runs `body` with recording on, inside `noGrad`. */
export function enableGrad<T>(body: () => T): T {
  return withRecording("enableGrad", true, body);
}

function withRecording<T>(name: string, value: boolean, body: () => T): T {
  const outer = recording;
  recording = value;
  try {
    const result = body();
    refusePromise(name, result);
    return result;
  } finally {
    recording = outer;
  }
}
