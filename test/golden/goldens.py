"""What the scripts share that write <op>.json: inputs, attributes, outputs and gradients, computed by PyTorch in float64.

Made with PyTorch 2.15.0; run them in this folder. Inputs are multiples of 1/64, so they are the same numbers in float32.
"""

import json
import math

import torch

random = torch.Generator().manual_seed(0)


def reals(*shape, spread=1.5):
    return torch.round(torch.randn(shape, generator=random, dtype=torch.float64) * spread * 64) / 64


def positive(*shape):
    return reals(*shape).abs() + 1 / 64


def distinct(*shape):
    """Numbers without ties, in random order."""
    size = math.prod(shape)
    return ((torch.randperm(size, generator=random) - size // 2).double() / 8).reshape(shape)


def whole(high, *shape):
    return torch.randint(0, high, shape, generator=random, dtype=torch.int32)


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)


def number(value):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    negative_zero = value == 0 and math.copysign(1, value) < 0
    return int(value) if value == int(value) and not negative_zero else value


def values(tensor):
    return {"shape": list(tensor.shape), "data": [number(value) for value in tensor.flatten().tolist()]}


dtypes = {torch.float64: "float32", torch.int32: "int32", torch.uint8: "uint8"}
cases = {}


def case(op, function, inputs, attributes=None, constants=()):
    """`function` takes the ports in order. Ports that are not float64 and those in `constants` have no gradient."""
    leaves = {
        port: tensor.detach().clone().requires_grad_(tensor.dtype == torch.float64 and port not in constants)
        for port, tensor in inputs.items()
    }
    output = function(*leaves.values())
    entry = {} if attributes is None else {"attributes": attributes}
    entry["inputs"] = {port: {"dtype": dtypes[t.dtype], **values(t)} for port, t in inputs.items()}
    entry["output"] = values(output.detach())
    wanted = {port: leaf for port, leaf in leaves.items() if leaf.requires_grad}
    if output.requires_grad:
        grad = reals(*output.shape)
        entry["grad"] = values(grad)
        gradients = torch.autograd.grad(output, list(wanted.values()), grad)
        entry["gradients"] = {port: values(gradient) for port, gradient in zip(wanted, gradients)}
    cases.setdefault(op, []).append(entry)


def write():
    """One file an op."""
    for op, entries in cases.items():
        with open(f"{op}.json", "w") as file:
            lines = ",\n".join(json.dumps(entry, separators=(",", ":"), allow_nan=False) for entry in entries)
            file.write(f'{{"op":"{op}","cases":[\n{lines}\n]}}\n')
