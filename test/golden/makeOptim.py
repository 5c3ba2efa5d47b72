"""Writes optim.json: parameters after some steps of PyTorch's optimisers, and the rates of its schedules.

Made with PyTorch 1.13.1; run it in this folder.
"""

import json

import torch
from torch.optim import lr_scheduler as schedules

START = [1, -2, 3, 0.5, 0.25, -0.125, 4]
STEPS = 9

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
}

scheduled = [
    ("StepLR", {"step_size": 3}),
    ("StepLR", {"step_size": 2, "gamma": 0.5}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}),
    ("CosineAnnealingLR", {"T_max": 30}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 0.1, "end_factor": 0.8, "total_iters": 10}),
    ("OneCycleLR", {"max_lr": 0.1, "total_steps": 21}),
    ("OneCycleLR", {"max_lr": 0.5, "epochs": 3, "steps_per_epoch": 7, "three_phase": True, "anneal_strategy": "linear"}),
    ("OneCycleLR", {"max_lr": 0.2, "total_steps": 21, "pct_start": 0.4, "div_factor": 10, "final_div_factor": 100}),
]


def gradient(step):
    return torch.tensor([((step * 7 + k * 5) % 11 - 5) / 8 for k in range(len(START))])


def optimized(name, options):
    parameter = torch.tensor(START, requires_grad=True)
    optimizer = getattr(torch.optim, name)([parameter], **options)
    states = []
    for step in range(STEPS):
        parameter.grad = gradient(step)
        optimizer.step()
        states.append(parameter.tolist())
    return {"name": name, "options": options, "parameters": states}


def rates(name, options):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1, momentum=0.9)
    schedule = getattr(schedules, name)(optimizer, **options)
    group = optimizer.param_groups[0]
    lr, momentum = [group["lr"]], [group["momentum"]]
    for _ in range(20):
        optimizer.step()
        schedule.step()
        lr.append(group["lr"])
        momentum.append(group["momentum"])
    return {"name": name, "options": options, "lr": lr, "momentum": momentum}


def main():
    result = {
        "gradients": [gradient(step).tolist() for step in range(STEPS)],
        "start": START,
        "optimizers": [optimized(name, options) for name, all in optimizers.items() for options in all],
        "schedules": [rates(name, options) for name, options in scheduled],
    }
    with open("optim.json", "w") as file:
        json.dump(result, file, separators=(",", ":"))
        file.write("\n")


main()
