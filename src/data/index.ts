export { type Collated, collate, type Dtypes } from "./collate.ts";
export { ConcatDataset } from "./concatDataset.ts";
export { DataLoader, type DataLoaderOptions, type DataLoaderStateDict, type Sampler } from "./dataLoader.ts";
export { type Dataset, type ImageBatch, ImageDataset, type TensorBatch, TensorDataset } from "./dataset.ts";
export { type GunzipOptions, gunzip, type Idx, idxBytes, parseIdx } from "./idx.ts";
export { MapDataset } from "./mapDataset.ts";
export { type CollateOptions, SampleDataset, type Samples } from "./sampleDataset.ts";
export { randomSplit, Subset } from "./subset.ts";
export { WeightedRandomSampler, type WeightedRandomSamplerOptions } from "./weightedRandomSampler.ts";
