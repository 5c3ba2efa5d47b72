"""Writes <op>.json for the ops below; see goldens.py."""

import torch
from torch.nn import functional as F

from goldens import case, distinct, numbers, positive, reals, whole, write

# Element by element.

for op, function in {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div}.items():
    case(op, function, {"a": reals(3, 5), "b": positive(3, 5)})
    case(op, function, {"a": reals(2, 3, 4), "b": positive(4)})
    case(op, function, {"a": reals(3, 1), "b": positive(2, 1, 5)})
    case(op, function, {"a": reals(), "b": positive(7)})
for op, function in {"maximum": torch.maximum, "minimum": torch.minimum}.items():
    case(op, function, {"a": distinct(3, 5), "b": distinct(3, 5) + 1 / 64})
    case(op, function, {"a": distinct(2, 3, 4), "b": distinct(4) + 1 / 64})
    case(op, function, {"a": numbers(1, 2, 3, -1), "b": numbers(1, 5, 2, -1)})
for exponent in (2, 3, 0.5, -1, 1.75, 0):
    case("pow", torch.pow, {"input": positive(9), "exponent": torch.tensor(exponent, dtype=torch.float64)})
for exponent in (2, 3, -2):
    inputs = {"input": reals(9) - 1 / 128, "exponent": torch.tensor(exponent, dtype=torch.float64)}
    case("pow", torch.pow, inputs, constants=("exponent",))
case(
    "where",
    lambda c, a, b: torch.where(c != 0, a, b),
    {"condition": whole(2, 3, 5).to(torch.uint8), "a": reals(3, 5), "b": reals(3, 5)},
)
case(
    "where",
    lambda c, a, b: torch.where(c != 0, a, b),
    {"condition": whole(2, 4).to(torch.uint8), "a": reals(2, 3, 1), "b": reals()},
)
for op, function, inputs in (
    ("neg", torch.neg, reals),
    ("abs", torch.abs, reals),
    ("exp", torch.exp, reals),
    ("log", torch.log, positive),
    ("sqrt", torch.sqrt, positive),
    ("square", torch.square, reals),
    ("relu", torch.relu, reals),
    ("silu", F.silu, reals),
    ("sigmoid", torch.sigmoid, reals),
    ("tanh", torch.tanh, reals),
):
    case(op, function, {"input": inputs(17)})
    case(op, function, {"input": inputs(2, 3, 4)})
    if inputs is reals:
        case(op, function, {"input": reals(12, spread=8)})
case("abs", torch.abs, {"input": numbers(0, -0.5, 0.5)})
case("relu", torch.relu, {"input": numbers(0, -1, 2)})
for low, high in ((-1, 1), (0, 6)):
    case("clamp", lambda x: torch.clamp(x, low, high), {"input": reals(17, spread=4)}, {"min": low, "max": high})
case("clamp", lambda x: torch.clamp(x, -1, 1), {"input": numbers(-1, 1, -2, 2, 0)}, {"min": -1, "max": 1})
for slope in (0.125, 0.25):
    case("leakyRelu", lambda x: F.leaky_relu(x, slope), {"input": reals(17)}, {"negativeSlope": slope})
for alpha in (1, 0.5):
    case("elu", lambda x: F.elu(x, alpha), {"input": reals(17, spread=3)}, {"alpha": alpha})
for approximate in ("none", "tanh"):
    function = lambda x: F.gelu(x, approximate=approximate)
    case("gelu", function, {"input": reals(17)}, {"approximate": approximate})
    case("gelu", function, {"input": reals(17, spread=4)}, {"approximate": approximate})
for beta, threshold in ((1, 20), (2, 3)):
    function = lambda x: F.softplus(x, beta, threshold)
    case("softplus", function, {"input": reals(17, spread=8)}, {"beta": beta, "threshold": threshold})

# Matrices.

for a, b in (((3, 5), (5, 4)), ((2, 3, 5), (2, 5, 4)), ((2, 1, 3, 4), (3, 4, 2)), ((5,), (5, 4)), ((3, 5), (5,)), ((6,), (6,))):
    case("matmul", torch.matmul, {"a": reals(*a), "b": reals(*b)})
case("linear", F.linear, {"input": reals(3, 7), "weight": reals(5, 7), "bias": reals(5)})
case("linear", F.linear, {"input": reals(3, 7), "weight": reals(5, 7)})
case("linear", F.linear, {"input": reals(2, 3, 4), "weight": reals(6, 4), "bias": reals(6)})

# Convolution and pooling.

for x, w, options in (
    ((2, 2, 5, 5), (3, 2, 3, 3), {}),
    ((1, 2, 5, 6), (3, 2, 3, 3), {"padding": 1}),
    ((2, 1, 7, 6), (2, 1, 3, 2), {"stride": 2, "padding": 1}),
    ((1, 2, 7, 8), (2, 2, 2, 3), {"stride": (2, 1), "padding": (1, 2), "dilation": (2, 1)}),
    ((2, 4, 4, 5), (6, 2, 3, 3), {"padding": 1, "groups": 2}),
    ((1, 3, 5, 5), (3, 1, 3, 3), {"padding": 1, "groups": 3}),
    ((2, 3, 4, 4), (4, 3, 1, 1), {}),
    ((1, 3, 4, 4), (2, 3, 1, 1), {"stride": 3}),
):
    pairs = {name: options.get(name, default) for name, default in (("stride", 1), ("padding", 0), ("dilation", 1))}
    attributes = {**{k: list(v) if isinstance(v, tuple) else [v, v] for k, v in pairs.items()}, "groups": options.get("groups", 1)}
    inputs = {"input": reals(*x), "weight": reals(*w)}
    if w[0] != 4:
        inputs["bias"] = reals(w[0])
    case("conv2d", lambda *ports: F.conv2d(*ports, **options), inputs, attributes)

for kernel, options in (
    (2, {}),
    (3, {"stride": 2, "padding": 1}),
    ((2, 3), {"stride": (2, 1), "padding": (0, 1)}),
    (3, {"stride": 2, "ceil_mode": True}),
    (2, {"stride": 3}),
    (2, {"dilation": 2, "stride": 1}),
):
    stride = options.get("stride", kernel)
    attributes = {
        "kernelSize": kernel,
        "stride": stride,
        "padding": options.get("padding", 0),
        "dilation": options.get("dilation", 1),
        "ceilMode": options.get("ceil_mode", False),
    }
    case("maxPool2d", lambda x: F.max_pool2d(x, kernel, **options), {"input": distinct(2, 1, 6, 7)}, attributes)
    if "dilation" in options:
        continue
    del attributes["dilation"]
    for counted in (True, False) if "padding" in options or "ceil_mode" in options else (True,):
        function = lambda x: F.avg_pool2d(x, kernel, count_include_pad=counted, **options)
        case("avgPool2d", function, {"input": reals(1, 2, 6, 7)}, {**attributes, "countIncludePad": counted})
tied = torch.tensor([[[[1, 3, 2, 2], [3, 3, 2, 2], [0, 0, -1, 5], [0, 0, 5, 5]]]], dtype=torch.float64)
attributes = {"kernelSize": 2, "stride": 2, "padding": 0, "dilation": 1, "ceilMode": False}
case("maxPool2d", lambda x: F.max_pool2d(x, 2), {"input": tied}, attributes)

# Reductions.

for shape, axes, keep in (((3, 4), None, False), ((2, 3, 4), [1], False), ((2, 3, 4), [0, 2], True), ((2, 3, 4), [-1], True)):
    every = list(range(len(shape)))
    attributes = {"keepDim": keep} if axes is None else {"axes": axes, "keepDim": keep}
    for op, function, inputs in (
        ("sum", torch.sum, reals),
        ("mean", torch.mean, reals),
        ("max", torch.amax, distinct),
        ("min", torch.amin, distinct),
    ):
        case(op, lambda x: function(x, axes or every, keep), {"input": inputs(*shape)}, attributes)
for axis, keep in ((None, False), (1, False), (0, True), (-1, False)):
    function = lambda x: torch.argmax(x, axis, keep).int()
    attributes = {"keepDim": keep} if axis is None else {"axis": axis, "keepDim": keep}
    case("argmax", function, {"input": distinct(3, 4, 2)}, attributes, constants=("input",))

# Classification and losses.

for axis in (-1, 0, 1):
    case("softmax", lambda x: F.softmax(x, axis), {"input": reals(3, 4, 5, spread=3)}, {"axis": axis})
    case("logSoftmax", lambda x: F.log_softmax(x, axis), {"input": reals(3, 4, 5, spread=3)}, {"axis": axis})

labels = torch.tensor([4, 0, 2, 2, 1, 3], dtype=torch.int32)
for reduction in ("mean", "sum", "none"):
    for ignored, smoothing, weighted in ((-100, 0, False), (2, 0, False), (-100, 0.1, False), (2, 0.2, True)):
        inputs = {"input": reals(6, 5, spread=3), "target": labels}
        if weighted:
            inputs["weight"] = positive(5)
        function = lambda x, y, w=None: F.cross_entropy(
            x, y.long(), weight=w, ignore_index=ignored, label_smoothing=smoothing, reduction=reduction
        )
        attributes = {"ignoreIndex": ignored, "labelSmoothing": smoothing, "reduction": reduction}
        case("crossEntropy", function, inputs, attributes, constants=("weight",))
        if smoothing == 0 or weighted:
            function = lambda x, y, w=None: F.nll_loss(x, y.long(), weight=w, ignore_index=ignored, reduction=reduction)
            inputs = {**inputs, "input": F.log_softmax(inputs["input"], 1).mul(64).round().div(64)}
            case("nllLoss", function, inputs, {"ignoreIndex": ignored, "reduction": reduction}, constants=("weight",))
    attributes = {"reduction": reduction}
    inputs = {"input": reals(3, 5), "target": reals(3, 5) + 1 / 128}
    case("mseLoss", lambda x, y: F.mse_loss(x, y, reduction=reduction), inputs, attributes)
    case("l1Loss", lambda x, y: F.l1_loss(x, y, reduction=reduction), inputs, attributes)
    inputs = {"input": reals(3, 5, spread=4), "target": whole(65, 3, 5).double() / 64}
    function = lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction=reduction)
    case("bceWithLogits", function, inputs, attributes, constants=("target",))

# Moving elements.

case("reshape", lambda x: x.reshape(4, 6), {"input": reals(2, 3, 4)}, {"shape": [4, 6]})
case("reshape", lambda x: x.reshape(2, -1), {"input": reals(2, 3, 4)}, {"shape": [2, -1]})
for start, end in ((0, -1), (1, -1), (1, 2)):
    attributes = {"startAxis": start, "endAxis": end}
    case("flatten", lambda x: x.flatten(start, end), {"input": reals(2, 1, 3, 2)}, attributes)
case("squeeze", lambda x: x.squeeze(), {"input": reals(1, 3, 1, 2)}, {})
case("squeeze", lambda x: x.squeeze(-2), {"input": reals(1, 3, 1, 2)}, {"axes": -2})
for axis in (0, 1, -1):
    case("unsqueeze", lambda x: x.unsqueeze(axis), {"input": reals(2, 3)}, {"axis": axis})
for axes in ([1, 0], [-1, 0]):
    case("permute", lambda x: x.permute(axes), {"input": reals(3, 5)}, {"axes": axes})
for axes in ([2, 0, 1], [0, 2, 1], [1, 0, 2]):
    case("permute", lambda x: x.permute(axes), {"input": reals(2, 3, 4)}, {"axes": axes})
case("concat", lambda *ports: torch.cat(ports, 0), {"input0": reals(2, 3), "input1": reals(1, 3)}, {"axis": 0})
inputs = {"input0": reals(2, 3, 2), "input1": reals(2, 1, 2), "input2": reals(2, 2, 2)}
case("concat", lambda *ports: torch.cat(ports, -2), inputs, {"axis": -2})
case("slice", lambda x: x[1:4], {"input": reals(5, 3)}, {"ranges": [[1, 4]]})
case("slice", lambda x: x[:, -3:, ::2], {"input": reals(2, 5, 5)}, {"ranges": [None, [-3], [None, None, 2]]})
case("pad", lambda x: F.pad(x, [1, 2]), {"input": reals(2, 3)}, {"widths": [1, 2], "value": 0})
case("pad", lambda x: F.pad(x, [1, 0, 2, 1], value=0.5), {"input": reals(2, 2, 3)}, {"widths": [1, 0, 2, 1], "value": 0.5})
case("gather", lambda x, i: x.gather(0, i.long()), {"input": reals(4, 3), "index": whole(4, 5, 3)}, {"axis": 0})
case("gather", lambda x, i: x.gather(-1, i.long()), {"input": reals(2, 3, 4), "index": whole(4, 2, 3, 2)}, {"axis": -1})
case("indexSelect", lambda x, i: x.index_select(1, i), {"input": reals(3, 4, 2), "index": whole(4, 5)}, {"axis": 1})

# Later additions stand here, so that what is above keeps its numbers.

case("pow", torch.pow, {"input": positive(2, 3, 4), "exponent": reals(3, 1)})
case("pow", torch.pow, {"input": positive(4), "exponent": reals(2, 4)})

write()
