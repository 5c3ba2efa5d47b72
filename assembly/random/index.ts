export * from "./random";
export * from "./dropout";
