export * from "./movement";
export * from "./images";
export * from "./cast";
