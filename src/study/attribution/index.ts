/** Which parts of an input a score comes from. */
export {
  type Completeness,
  completeness,
  gradientTimesInput,
  type IntegratedGradientsOptions,
  integratedGradients,
  type PathOptions,
  saliency,
} from "./attribution.ts";
export { type ContactSheetOptions, contactSheet, type Picture } from "./contactSheet.ts";
export { type FeatureMapOptions, featureMaps, type GradCamOptions, gradCam } from "./gradCam.ts";
export { type OcclusionOptions, occlusion } from "./occlusion.ts";
export type { Target } from "./scores.ts";
