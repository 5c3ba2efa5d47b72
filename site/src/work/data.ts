import { data, readSafetensors, Sora, weightsSha256 } from "quarkgrad";

/** What a file of the site holds; `base` is the address of the site, which a worker does not know by itself. */
async function read(base: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(path, base));
  if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
  return data.gunzip(new Uint8Array(await response.arrayBuffer()));
}

/** The images that the site ships, in MNIST's order. */
export async function digits(base: string, split: "train" | "test"): Promise<data.ImageDataset> {
  const [images, labels] = await Promise.all([
    read(base, `digits/${split}-images.gz`),
    read(base, `digits/${split}-labels.gz`),
  ]);
  return new data.ImageDataset(data.parseIdx(images).data, data.parseIdx(labels).data, [1, 28, 28]);
}

/** The trained network that the site ships. */
export async function trainedSora(base: string): Promise<{ readonly model: Sora; readonly sha256: string }> {
  const model = new Sora();
  model.loadStateDict(readSafetensors(await read(base, "sora.safetensors.gz")).tensors);
  return { model, sha256: weightsSha256(model) };
}
