"""Writes optim.json: parameters after 100 steps of PyTorch's optimisers, in float64, and the rates of its schedules over 100 steps.

Made with PyTorch 2.15.0; run it in this folder. Two things are not PyTorch's own: Lion, which it does not have, is the program of the
paper (arXiv:2302.06675, program 1), and Muon's iteration is run in float64 where PyTorch rounds it to bfloat16.
"""

import inspect
import json

import torch
from torch.optim import _muon
from torch.optim import lr_scheduler as schedules
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

torch.set_default_dtype(torch.float64)
source = inspect.getsource(_muon._zeropower_via_newtonschulz)
assert "torch.bfloat16" in source
exec(source.replace("torch.bfloat16", "torch.float64"), _muon.__dict__)

START = [1, -2, 3, 0.5, 0.25, -0.125, 4]
STEPS = 100
RECORDED = [1, 2, 3, 5, 9, 20, 50, 100]


class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0, maximize=False):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay, "maximize": maximize})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                g = -p.grad if group["maximize"] else p.grad
                m = self.state[p].setdefault("exp_avg", torch.zeros_like(p))
                update = (m * beta1 + g * (1 - beta1)).sign()
                p.mul_(1 - group["lr"] * group["weight_decay"]).add_(update, alpha=-group["lr"])
                m.mul_(beta2).add_(g, alpha=1 - beta2)


optimizers = {
    "SGD": [
        {"lr": 0.1},
        {"lr": 0.1, "weight_decay": 0.05},
        {"lr": 0.1, "momentum": 0.9},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.25, "weight_decay": 0.01},
        {"lr": 0.1, "momentum": 0.5, "nesterov": True},
        {"lr": 0.1, "momentum": 0.9, "maximize": True},
    ],
    "Adam": [
        {},
        {"lr": 0.1, "weight_decay": 0.1},
        {"lr": 0.05, "betas": (0.5, 0.75), "eps": 1e-3},
        {"lr": 0.1, "amsgrad": True},
        {"lr": 0.1, "maximize": True},
    ],
    "AdamW": [{}, {"lr": 0.1, "weight_decay": 0.5}, {"lr": 0.1, "amsgrad": True}],
    "RMSprop": [
        {},
        {"alpha": 0.9, "weight_decay": 0.1, "eps": 1e-4},
        {"momentum": 0.9, "lr": 1e-3},
        {"centered": True, "alpha": 0.9, "eps": 1e-2},
        {"centered": True, "momentum": 0.5, "alpha": 0.9, "eps": 1e-2, "maximize": True},
    ],
    "Adagrad": [
        {},
        {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1},
        {"lr": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3},
        {"lr": 0.1, "maximize": True},
    ],
    "Adadelta": [{}, {"lr": 0.5, "rho": 0.8, "eps": 1e-4}, {"weight_decay": 0.1}, {"maximize": True}],
    "Adamax": [{}, {"lr": 0.1, "weight_decay": 0.1}, {"betas": (0.5, 0.75), "eps": 1e-2}, {"maximize": True}],
    "NAdam": [
        {},
        {"lr": 0.05, "weight_decay": 0.1, "momentum_decay": 0.1},
        {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True},
        {"betas": (0.5, 0.75), "eps": 1e-2, "maximize": True},
    ],
    "RAdam": [
        {},
        {"lr": 0.05, "weight_decay": 0.1},
        {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True},
        {"lr": 0.01, "betas": (0.5, 0.75), "eps": 1e-2, "maximize": True},
    ],
    "Lion": [{}, {"lr": 0.01, "weight_decay": 0.1}, {"lr": 0.01, "betas": (0.5, 0.75)}, {"maximize": True}],
}

# Matrices: wide, tall and square.
matrices = [
    ("Muon", [3, 5], {}),
    ("Muon", [5, 3], {"lr": 0.02, "weight_decay": 0.01}),
    ("Muon", [4, 4], {"lr": 0.02, "momentum": 0.5, "nesterov": False}),
    ("Muon", [6, 2], {"lr": 0.02, "adjust_lr_fn": "match_rms_adamw", "ns_steps": 3}),
    ("Muon", [2, 6], {"lr": 0.02, "adjust_lr_fn": "spectral_unclamped", "ns_coefficients": (2.0, -1.5, 0.5)}),
]

scheduled = [
    ("StepLR", {"step_size": 3}),
    ("StepLR", {"step_size": 20, "gamma": 0.5}),
    ("MultiStepLR", {"milestones": [5, 30, 30, 90]}),
    ("MultiStepLR", {"milestones": [80, 10], "gamma": 0.3}),
    ("ExponentialLR", {"gamma": 0.95}),
    ("ExponentialLR", {"gamma": -0.99}),
    ("PolynomialLR", {}),
    ("PolynomialLR", {"total_iters": 90, "power": 2.0}),
    ("PolynomialLR", {"total_iters": 100, "power": 0.9}),
    ("PolynomialLR", {"total_iters": 60, "power": 0.5}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}),
    ("CosineAnnealingLR", {"T_max": 30}),
    ("CosineAnnealingLR", {"T_max": 30, "eta_min": -0.02}),
    ("CosineAnnealingWarmRestarts", {"T_0": 10}),
    ("CosineAnnealingWarmRestarts", {"T_0": 7, "T_mult": 2, "eta_min": 0.01}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 0.1, "end_factor": 0.8, "total_iters": 60}),
    ("OneCycleLR", {"max_lr": 0.1, "total_steps": 101}),
    ("OneCycleLR", {"max_lr": 0.5, "epochs": 20, "steps_per_epoch": 5, "three_phase": True, "anneal_strategy": "linear"}),
    ("OneCycleLR", {"max_lr": 0.2, "total_steps": 100, "pct_start": 0.4, "div_factor": 10, "final_div_factor": 100}),
]

plateaus = [
    {},
    {"factor": 0.5, "patience": 3, "cooldown": 2, "min_lr": 0.01},
    {"mode": "max", "factor": 0.5, "patience": 2, "threshold": 0.05, "threshold_mode": "abs"},
    {"mode": "max", "patience": 4, "threshold": 0.5},
]

# Lists of schedules, one after the other; and lists that work at once on two groups.
sequences = [
    ([("LinearLR", {"start_factor": 0.1, "total_iters": 10}), ("CosineAnnealingLR", {"T_max": 90})], [10]),
    ([("ExponentialLR", {"gamma": 0.9}), ("StepLR", {"step_size": 10}), ("PolynomialLR", {"total_iters": 20})], [30, 60]),
    ([("MultiStepLR", {"milestones": [3]}), ("CosineAnnealingWarmRestarts", {"T_0": 9}), ("ExponentialLR", {"gamma": 0.99})], [20, 70]),
]
together = [
    [("LinearLR", {"start_factor": 0.5, "total_iters": 20}), ("CosineAnnealingLR", {"T_max": 100})],
    [("ExponentialLR", {"gamma": 0.98}), ("MultiStepLR", {"milestones": [10, 60], "gamma": 0.5})],
    [("CosineAnnealingLR", {"T_max": 50, "eta_min": 0.02}), ("StepLR", {"step_size": 7, "gamma": -0.9})],
]


def rounded(values):
    return [float(f"{value:.9g}") for value in values]


def gradient(step, count=len(START)):
    return torch.tensor([((step * 7 + k * 5) % 11 - 5) / 8 for k in range(count)])


def optimized(name, options):
    parameter = torch.tensor(START, requires_grad=True)
    optimizer = (Lion if name == "Lion" else getattr(torch.optim, name))([parameter], **options)
    states = {}
    for step in range(STEPS):
        parameter.grad = gradient(step)
        optimizer.step()
        if step + 1 in RECORDED:
            states[step + 1] = rounded(parameter.tolist())
    return {"name": name, "options": options, "parameters": states}


def matrix(name, shape, options):
    size = shape[0] * shape[1]
    start = [((k * 3) % 7 - 3) / 4 for k in range(size)]
    parameter = torch.tensor(start).reshape(shape).requires_grad_()
    optimizer = getattr(torch.optim, name)([parameter], **options)
    states = {}
    for step in range(STEPS):
        parameter.grad = gradient(step, size).reshape(shape)
        optimizer.step()
        if step + 1 in RECORDED:
            states[step + 1] = rounded(parameter.flatten().tolist())
    return {"name": name, "shape": shape, "options": options, "parameters": states}


def sgd(groups=1):
    params = [{"params": [torch.zeros(1, requires_grad=True)], "lr": 0.1 / (1 + k)} for k in range(groups)]
    return torch.optim.SGD(params, lr=0.1, momentum=0.9)


def made(optimizer, name, options):
    return getattr(schedules, name)(optimizer, **options)


def rates(name, options):
    optimizer = sgd()
    schedule = made(optimizer, name, options)
    group = optimizer.param_groups[0]
    lr, momentum = [group["lr"]], [group["momentum"]]
    for _ in range(STEPS):
        optimizer.step()
        schedule.step()
        lr.append(group["lr"])
        momentum.append(group["momentum"])
    moves = len(set(momentum)) > 1
    return {"name": name, "options": options, "lr": lr, "momentum": momentum if moves else momentum[:1]}


def metric(step):
    return ((step * 13) % 17) / 17 + 10 / (1 + step)


def plateau(options):
    optimizer = sgd()
    schedule = schedules.ReduceLROnPlateau(optimizer, **options)
    lr = []
    for step in range(STEPS):
        schedule.step(metric(step))
        lr.append(optimizer.param_groups[0]["lr"])
    return {"options": options, "lr": lr}


def sequence(parts, milestones):
    optimizer = sgd(2)
    schedule = schedules.SequentialLR(optimizer, [made(optimizer, *part) for part in parts], milestones)
    lr = [[group["lr"] for group in optimizer.param_groups]]
    for _ in range(STEPS):
        optimizer.step()
        schedule.step()
        lr.append([group["lr"] for group in optimizer.param_groups])
    return {"parts": parts, "milestones": milestones, "lr": lr}


def at_once(parts):
    optimizer = sgd(2)
    all = [made(optimizer, *part) for part in parts]
    lr = [[group["lr"] for group in optimizer.param_groups]]
    for _ in range(STEPS):
        optimizer.step()
        for schedule in all:
            schedule.step()
        lr.append([group["lr"] for group in optimizer.param_groups])
    return {"parts": parts, "lr": lr}


def average(decay):
    model = torch.nn.Linear(3, 1, bias=False)
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay))
    result = []
    for step in range(STEPS):
        with torch.no_grad():
            model.weight.copy_(gradient(step, 3).reshape(1, 3))
        averaged.update_parameters(model)
        result.append(averaged.module.weight.flatten().tolist())
    return {"decay": decay, "weights": [rounded(row) for row in result]}


def main():
    result = {
        "gradients": [gradient(step).tolist() for step in range(STEPS)],
        "start": START,
        "optimizers": [optimized(name, options) for name, all in optimizers.items() for options in all],
        "matrices": [matrix(*one) for one in matrices],
        "schedules": [rates(name, options) for name, options in scheduled],
        "metrics": [metric(step) for step in range(STEPS)],
        "plateaus": [plateau(options) for options in plateaus],
        "sequences": [sequence(*one) for one in sequences],
        "together": [at_once(parts) for parts in together],
        "averages": [average(decay) for decay in [0.9, 0.999]],
    }
    with open("optim.json", "w") as file:
        json.dump(result, file, separators=(",", ":"))
        file.write("\n")


main()
