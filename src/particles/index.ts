// The families of particles; each has the only list of its own.

export * from "./activation/index.ts";
export * from "./arithmetic/index.ts";
export * from "./comparison/index.ts";
export * from "./convolution/index.ts";
export * from "./layout/index.ts";
export * from "./loss/index.ts";
export * from "./matrix/index.ts";
export * from "./pooling/index.ts";
export * from "./random/index.ts";
export * from "./reduction/index.ts";
