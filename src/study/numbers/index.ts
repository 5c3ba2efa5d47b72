/** Gradients held to definitions. */
export { type GradcheckOptions, gradcheck, type PortCheck } from "./gradcheck.ts";
