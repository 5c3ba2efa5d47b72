export { DataLoader, type DataLoaderOptions, type DataLoaderStateDict } from "./dataLoader.ts";
export { type Dataset, type ImageBatch, ImageDataset, Subset, type TensorBatch, TensorDataset } from "./dataset.ts";
export { gunzip, type Idx, parseIdx } from "./idx.ts";
