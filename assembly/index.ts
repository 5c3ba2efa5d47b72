// All kernels in one module, for runtimes that compile none themselves: one line a family.
export * from "./activation";
export * from "./arithmetic";
export * from "./comparison";
export * from "./convolution";
export * from "./engine";
export * from "./layout";
export * from "./loss";
export * from "./matrix";
export * from "./optimizer";
export * from "./pooling";
export * from "./random";
export * from "./reduction";
