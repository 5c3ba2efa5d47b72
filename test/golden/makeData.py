"""Writes data.json: what PyTorch's samplers and splits give. Made with PyTorch 2.15.0; run it in this folder."""

import json

import torch
from torch.utils.data import WeightedRandomSampler, random_split


def sampled(weights, count):
    torch.manual_seed(0)
    return {"weights": weights, "indices": list(WeightedRandomSampler(weights, count))}


def split(size, lengths):
    torch.manual_seed(0)
    return {"size": size, "lengths": lengths, "parts": [list(part.indices) for part in random_split(range(size), lengths)]}


result = {
    "samples": [
        sampled([1, 2, 3, 0, 4], 40),
        sampled([0.1 * ((k * 7) % 13) for k in range(100)], 100),
        sampled([1], 3),
    ],
    "splits": [split(10, [0.7, 0.3]), split(11, [0.5, 0.3, 0.2]), split(20, [5, 0, 15])],
}
with open("data.json", "w") as file:
    json.dump(result, file, separators=(",", ":"))
    file.write("\n")
