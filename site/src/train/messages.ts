/** What the page and the worker that trains say to each other. */

export interface TrainOptions {
  readonly base: string;
  readonly seed: number;
  readonly rate: number;
  readonly batchSize: number;
  /** How many of the training images are used. */
  readonly images: number;
  /** The chance that a feature is dropped; 0 for none. */
  readonly dropout: number;
  readonly threads: number;
}

export type Wish =
  | { readonly kind: "train"; readonly options: TrainOptions }
  /** Train up to this step; without one, stop here. */
  | { readonly kind: "goTo"; readonly step?: number }
  | { readonly kind: "rate"; readonly rate: number }
  | { readonly kind: "save" }
  | { readonly kind: "load"; readonly bytes: Uint8Array<ArrayBuffer> };

export interface LayerFigures {
  readonly name: string;
  readonly weights: number;
  readonly gradient: number;
}

export interface StepFigures {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly milliseconds: number;
  readonly layers?: readonly LayerFigures[];
  readonly test?: { readonly loss: number; readonly accuracy: number };
}

export type Told =
  | { readonly kind: "ready"; readonly threads: number; readonly reason: string; readonly parameters: number }
  | ({ readonly kind: "step" } & StepFigures)
  | { readonly kind: "resting"; readonly step: number; readonly sha256: string }
  | {
      readonly kind: "weights";
      readonly step: number;
      readonly sha256: string;
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  | { readonly kind: "failed"; readonly message: string };
