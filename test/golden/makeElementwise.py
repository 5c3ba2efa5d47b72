"""Writes <op>.json for functions of single elements; see goldens.py."""

import torch
from torch.nn import functional as F

from goldens import case, numbers, positive, reals, write


def fraction(*shape):
    """Numbers strictly between −1 and 1."""
    return reals(*shape).clamp(-62 / 64, 62 / 64)


for op, function, inputs in (
    ("sin", torch.sin, reals),
    ("cos", torch.cos, reals),
    ("tan", torch.tan, fraction),
    ("asin", torch.asin, fraction),
    ("acos", torch.acos, fraction),
    ("atan", torch.atan, reals),
    ("sinh", torch.sinh, reals),
    ("cosh", torch.cosh, reals),
    ("floor", torch.floor, lambda *shape: reals(*shape) + 1 / 128),
    ("ceil", torch.ceil, lambda *shape: reals(*shape) + 1 / 128),
    ("trunc", torch.trunc, lambda *shape: reals(*shape) + 1 / 128),
    ("round", torch.round, lambda *shape: reals(*shape) + 1 / 128),
    ("sign", torch.sign, lambda *shape: reals(*shape) + 1 / 128),
    ("reciprocal", torch.reciprocal, positive),
    ("rsqrt", torch.rsqrt, positive),
    ("log1p", torch.log1p, positive),
    ("expm1", torch.expm1, reals),
    ("log2", torch.log2, positive),
    ("log10", torch.log10, positive),
):
    case(op, function, {"input": inputs(17)})
    case(op, function, {"input": inputs(2, 3, 4)})
for op, function in (("sin", torch.sin), ("cos", torch.cos)):
    case(op, function, {"input": reals(12, spread=2e4)})
case("round", torch.round, {"input": numbers(0.5, 1.5, 2.5, -0.5, -1.5, -2.5)}, constants=("input",))
for op, function in (("atan2", torch.atan2), ("fmod", torch.fmod), ("remainder", torch.remainder)):
    for a, b in (((17,), (17,)), ((2, 3, 4), (4,)), ((3, 1), (2, 1, 5))):
        case(op, function, {"input": reals(*a, spread=4) + 1 / 128, "other": reals(*b) + 1 / 256})
    case(op, function, {"input": numbers(5, -5, 5, -5), "other": numbers(3, 3, -3, -3)})

for op, function in (
    ("hardsigmoid", F.hardsigmoid),
    ("hardswish", F.hardswish),
    ("mish", F.mish),
    ("logSigmoid", F.logsigmoid),
    ("softsign", F.softsign),
    ("selu", F.selu),
):
    case(op, function, {"input": reals(17) + 1 / 128})
    case(op, function, {"input": reals(2, 3, 4, spread=4) + 1 / 128})
case("hardsigmoid", F.hardsigmoid, {"input": numbers(-3, 0, 3)})
for alpha in (1, 0.5):
    case("celu", lambda x: F.celu(x, alpha), {"input": reals(17, spread=3)}, {"alpha": alpha})
for lambd in (0.5, 1.25):
    case("hardshrink", lambda x: F.hardshrink(x, lambd), {"input": reals(17) + 1 / 128}, {"lambd": lambd})
    case("softshrink", lambda x: F.softshrink(x, lambd), {"input": reals(17) + 1 / 128}, {"lambd": lambd})
case("threshold", lambda x: F.threshold(x, 0.5, -2), {"input": reals(17) + 1 / 128}, {"threshold": 0.5, "value": -2})
for axis in (-1, 0, 1):
    case("glu", lambda x: F.glu(x, axis), {"input": reals(4, 6, 2)}, {"axis": axis})
    swiglu = lambda x: F.silu(x.chunk(2, axis)[0]) * x.chunk(2, axis)[1]
    case("swiglu", swiglu, {"input": reals(4, 6, 2)}, {"axis": axis})
case("prelu", F.prelu, {"input": reals(4, 3, 2) + 1 / 128, "weight": reals(3)})
case("prelu", F.prelu, {"input": reals(4, 3) + 1 / 128, "weight": reals(1)})

write()
