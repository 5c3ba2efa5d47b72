"""Writes format.json: tensors and how PyTorch prints them. Run with any PyTorch: python3 test/golden/makeFormat.py"""
import json
import math
import os

import torch

random = torch.Generator().manual_seed(0)
inf, nan = math.inf, math.nan


def normal(*shape, scale=1.0):
    values = torch.randn(shape, generator=random) * scale
    return values if values.numel() < 100 else (values * 8).round() / 8


tensors = [
    torch.tensor(3.0), torch.tensor(3.5), torch.tensor(-0.0), torch.tensor(nan), torch.tensor(-inf), torch.tensor(1e10),
    torch.tensor(7, dtype=torch.int32), torch.tensor(7, dtype=torch.uint8),
    torch.tensor([]), torch.zeros(0, 3), torch.zeros(2, 0), torch.zeros(0, dtype=torch.int32),
    torch.zeros(0, 3, dtype=torch.int32),
    torch.tensor([1.0]), torch.tensor([1.0, 2.0, 3.0]), torch.tensor([-1.0, 2.0]), torch.tensor([1.0, -0.0]),
    torch.tensor([0.0, 0.0]), torch.tensor([0.5]), torch.tensor([1.5, 22.25, -333.125]), torch.tensor([1.0, 2.5]),
    torch.tensor([1e-3, 1.0]), torch.tensor([1e-4, 1e-3]), torch.tensor([9e-5, 1e-3]), torch.tensor([1e-3, 2.0]),
    torch.tensor([0.001, 0.999]), torch.tensor([1e-5]), torch.tensor([1e-45]), torch.tensor([3.4028235e38]),
    torch.tensor([1.0, 1000.0]), torch.tensor([1.0, 1001.0]), torch.tensor([1.0, 5000.0]), torch.tensor([0.5, 500.0]),
    torch.tensor([0.5, 501.0]), torch.tensor([1e8, 1e7]), torch.tensor([1e9]), torch.tensor([123456789.0, 1e8]),
    torch.tensor([99999.5, 100000.5]), torch.tensor([nan]), torch.tensor([nan, 1.0]), torch.tensor([nan, 1.5]),
    torch.tensor([inf, -inf, 0.0]), torch.tensor([inf, 1e-6]), torch.tensor([nan, inf, 100000.0]),
    torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1, 20], [300, -4]], dtype=torch.int32),
    torch.tensor([[0, 255], [7, 16]], dtype=torch.uint8), torch.tensor([2147483647, -2147483648], dtype=torch.int32),
    torch.arange(24.0).reshape(2, 3, 4), torch.arange(24, dtype=torch.int32).reshape(2, 3, 4),
    torch.arange(16.0).reshape(2, 2, 2, 2), torch.arange(36.0).reshape(1, 2, 3, 2, 3) / 8,
    torch.arange(1000.0), torch.arange(1001.0), torch.arange(1001, dtype=torch.int32),
    torch.arange(1200.0).reshape(2, 600) / 4, torch.arange(1400.0).reshape(7, 10, 20),
    torch.zeros(1, 1, 28, 36), torch.ones(7, 144), torch.ones(6, 6, 6, 5), torch.ones(1001, 1),
    normal(3), normal(2, 3), normal(17), normal(3, 20), normal(2, 2, 3, 3), normal(5, scale=1e-6), normal(5, scale=1e6),
    normal(4, 4, scale=100.0), normal(8, 140), normal(1100, scale=1e5), normal(3, 7, 50), normal(2, 8, 9, 8),
    normal(100).round(), normal(100, scale=50.0).round(), (normal(60, scale=1e4)).round().int(),
]
gradient = [
    torch.tensor(1.0, requires_grad=True), torch.tensor([1.0, 2.0], requires_grad=True),
    normal(2, 3).requires_grad_(), normal(11).requires_grad_(), normal(6).requires_grad_(), normal(7).requires_grad_(),
]



def written(value):
    """As short as can be; JSON knows no NaN and no infinity, and reads -0.0 as it should."""
    if not math.isfinite(value):
        return str(value)
    return int(value) if value == int(value) and (value != 0 or math.copysign(1, value) > 0) else value


cases = []
for tensor in tensors + gradient:
    values = tensor.detach().reshape(-1).tolist()
    cases.append({
        "shape": list(tensor.shape),
        "dtype": str(tensor.dtype).replace("torch.", ""),
        "requiresGrad": tensor.requires_grad,
        "data": [written(value) for value in values],
        "text": str(tensor).replace("torch.", "").replace("requires_grad=True", "requiresGrad=true"),
    })
path = os.path.join(os.path.dirname(__file__), "format.json")
with open(path, "w") as file:
    file.write('{"cases":[\n' + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]}\n")
