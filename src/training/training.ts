import { noGrad } from "../core/recording.ts";
import { scope } from "../core/scope.ts";
import { QuarkError } from "../errors.ts";
import { clipGradNorm } from "../nn/clip.ts";
import type { Module } from "../nn/module.ts";
import { ReduceLROnPlateau } from "../optim/index.ts";
import { div } from "../particles/arithmetic/div.ts";
import { EarlyStopping } from "./earlyStopping.ts";
import { type Figures, Means, samplesIn } from "./figures.ts";
import type { EpochReport, Settings } from "./options.ts";

/** Milliseconds between two lines of progress within an epoch. */
const lineInterval = 5000;

/** What a training came to. */
export interface History {
  readonly epochs: readonly EpochReport[];
  /** The epoch whose weights the model has: the best where early stopping restores it, else the last. */
  readonly bestEpoch: number;
  /** Why it ended before its last epoch, if it did. */
  readonly stopped: "signal" | "earlyStopping" | undefined;
}

/** The parts of a training loop, each synchronous: `fit` and `fitAsync` string them together. */
export class Training<M extends Module, Batch> {
  readonly #model: M;
  readonly #settings: Settings<M, Batch>;
  readonly #stopping: EarlyStopping | undefined;
  readonly #epochs: EpochReport[] = [];
  readonly #batches: number | undefined;
  #epoch: number;
  #step = 0;
  #batch = 0;
  #accumulated = 0;
  #means = new Means();
  #validation = new Means();
  #started = 0;
  #lastLine = 0;
  #stopped: History["stopped"];

  constructor(model: M, settings: Settings<M, Batch>, batches: number | undefined) {
    this.#model = model;
    this.#settings = settings;
    this.#batches = batches;
    this.#epoch = settings.firstEpoch - 1;
    if (settings.earlyStopping !== undefined) this.#stopping = new EarlyStopping(settings.earlyStopping);
  }

  /** Begins the next epoch, if there is one. */
  begin(): boolean {
    if (this.aborted || this.#stopped || this.#epoch >= this.#settings.epochs) return false;
    this.#epoch++;
    this.#batch = 0;
    this.#means = new Means();
    this.#validation = new Means();
    this.#started = this.#lastLine = performance.now();
    return true;
  }

  get aborted(): boolean {
    if (this.#settings.signal?.aborted) this.#stopped = "signal";
    return this.#stopped === "signal";
  }

  /** One batch: forward, backward, and a step where enough gradients were added up. */
  step(batch: Batch): void {
    const { loss: lossOf, optimizer, accumulate, onStep, writer } = this.#settings;
    if (this.#accumulated === 0) optimizer.zeroGrad();
    const loss = lossOf(this.#model, batch);
    (accumulate === 1 ? loss : div(loss, accumulate)).backward();
    this.#accumulated++;
    this.#batch++;
    const value = loss.item();
    this.#means.add(samplesIn(batch), { loss: value });
    if (this.#accumulated < accumulate) return;
    this.#update();
    const [batches, lr] = [this.#batches, this.#lr];
    onStep?.({ epoch: this.#epoch, step: this.#step, batch: this.#batch, batches, loss: value, lr });
    writer?.addScalar("step/loss", value, this.#step);
    if (performance.now() - this.#lastLine < lineInterval) return;
    this.#lastLine = performance.now();
    this.#say(`${this.#batch}${batches === undefined ? "" : `/${batches}`} | loss ${shown(this.#means.figures.loss!)}`);
  }

  /** One batch of the validation. */
  validate(batch: Batch): void {
    const { loss, metrics = {} } = this.#settings;
    const model = this.#model;
    noGrad(() => {
      const figures: Record<string, number> = { valLoss: scope(() => loss(model, batch).item()) };
      for (const [name, metric] of Object.entries(metrics)) figures[name] = scope(() => metric(model, batch));
      this.#validation.add(samplesIn(batch), figures);
    });
  }

  /** Figures, schedules and hooks of an epoch whose batches are through; gives what `onEpoch` gave. */
  end(): unknown {
    if (this.#accumulated > 0) this.#update();
    if (this.#means.samples === 0) throw new QuarkError("fit: the loader gave no batch");
    const { evaluate, onEpoch, writer, scheduleEvery } = this.#settings;
    const figures: Record<string, number> = { ...this.#means.figures, ...this.#validation.figures };
    if (evaluate) Object.assign(figures, named(noGrad(() => scope(() => evaluate(this.#model)))));
    const lr = this.#lr;
    if (scheduleEvery === "epoch") this.#schedule(figures);
    const best = this.#stopping?.watch(this.#epoch, figures, this.#model) ?? true;
    const seconds = (performance.now() - this.#started) / 1000;
    const report: EpochReport = { epoch: this.#epoch, figures, lr, seconds, best };
    this.#epochs.push(report);
    for (const [name, value] of Object.entries(figures)) writer?.addScalar(`epoch/${name}`, value, this.#epoch);
    writer?.addScalar("epoch/lr", lr, this.#epoch);
    const all = Object.entries(figures).map(([name, value]) => `${name} ${shown(value)}`);
    this.#say([...all, `${seconds.toFixed(1)} s${this.#stopping && best ? ", best" : ""}`].join(" | "));
    if (this.#stopping?.isOver(this.#epoch)) this.#stopped = "earlyStopping";
    return onEpoch?.(report);
  }

  /** Restores the best weights, and tells what it came to. */
  finish(): History {
    this.#stopping?.restore(this.#model);
    const { options, bestEpoch } = this.#stopping ?? {};
    return {
      epochs: this.#epochs,
      bestEpoch: options?.restoreBest ? bestEpoch! : this.#epoch,
      stopped: this.#stopped,
    };
  }

  get #lr(): number {
    return this.#settings.optimizer.paramGroups[0]!.lr;
  }

  #update(): void {
    const { optimizer, clipNorm, ema, scheduleEvery } = this.#settings;
    if (clipNorm !== undefined) clipGradNorm(this.#model.parameters(), clipNorm);
    optimizer.step();
    ema?.update();
    this.#accumulated = 0;
    this.#step++;
    if (scheduleEvery === "step") this.#schedule(this.#means.figures);
  }

  #schedule(figures: Figures): void {
    for (const schedule of [this.#settings.schedule ?? []].flat()) {
      if (schedule instanceof ReduceLROnPlateau) schedule.step(figures.valLoss ?? figures.loss!);
      else schedule.step();
    }
  }

  #say(line: string): void {
    const { progress, epochs } = this.#settings;
    if (!progress) return;
    const say = typeof progress === "function" ? progress : console.log;
    say(`epoch ${this.#epoch}/${epochs} | ${line}`);
  }
}

function named(figures: Figures | number): Figures {
  return typeof figures === "number" ? { score: figures } : figures;
}

function shown(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(2) : value.toFixed(4);
}
