"""Writes random.json: what PyTorch's CPU generator gives for some seeds. Made with PyTorch 1.13.1; run it in this folder."""

import hashlib
import json

import torch


def sha256(tensor):
    return hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest()


def draws(seed):
    """Each entry starts anew from the seed; long ones are a hash of their bytes, short ones the numbers themselves."""

    def seeded(draw):
        torch.manual_seed(seed)
        return draw()

    def state():
        torch.rand(700)
        return sha256(torch.get_rng_state())

    init = torch.nn.init

    def initialized(fill, shape, **options):
        return sha256(seeded(lambda: fill(torch.empty(shape), **options)))

    return {
        "seed": str(seed),
        "rand": sha256(seeded(lambda: torch.rand(5000))),
        "uniform": {
            "symmetric": sha256(seeded(lambda: torch.empty(5000).uniform_(-0.3, 0.3))),
            "skew": sha256(seeded(lambda: torch.empty(50000).uniform_(-0.001, 7.3))),
            "narrow": sha256(seeded(lambda: torch.empty(50000).uniform_(1e-9, 3e-4))),
        },
        "randint": sha256(seeded(lambda: torch.randint(-5, 1000, (5000,), dtype=torch.int32))),
        "randperm": sha256(seeded(lambda: torch.randperm(60000).int())),
        "random63": seeded(lambda: [str(torch.empty((), dtype=torch.int64).random_().item()) for _ in range(3)]),
        "random40": seeded(lambda: torch.randint(0, 2**40 + 7, (3,)).tolist()),
        "randn": seeded(lambda: [torch.randn(size).tolist() for size in (1, 4, 15, 16, 40)]),
        "normal": seeded(lambda: torch.empty(50).normal_(1.5, 0.3).tolist()),
        "state": seeded(state),
        "init": {
            "kaimingUniform": initialized(init.kaiming_uniform_, (16, 3, 5, 5), a=5**0.5),
            "kaimingUniformFanOut": initialized(init.kaiming_uniform_, (16, 3, 5, 5), mode="fan_out", nonlinearity="relu"),
            "xavierUniform": initialized(init.xavier_uniform_, (30, 20), gain=init.calculate_gain("tanh")),
            "kaimingNormal": seeded(lambda: init.kaiming_normal_(torch.empty(4, 9), nonlinearity="relu").flatten().tolist()),
            "xavierNormal": seeded(lambda: init.xavier_normal_(torch.empty(4, 9)).flatten().tolist()),
            "conv2d": seeded(lambda: [sha256(p.data) for p in torch.nn.Conv2d(4, 6, 3, groups=2).parameters()]),
            "linear": seeded(lambda: [sha256(p.data) for p in torch.nn.Linear(50, 30).parameters()]),
        },
    }


def orders():
    """The order of two epochs of a shuffling DataLoader, and what the global generator gives after them."""
    data = torch.arange(1000)
    result = {}
    for name, options in {
        "shuffled": {"shuffle": True},
        "sequential": {},
        "generator": {"shuffle": True, "generator": torch.Generator().manual_seed(7)},
    }.items():
        torch.manual_seed(0)
        loader = torch.utils.data.DataLoader(data, batch_size=64, **options)
        epochs = [sha256(torch.cat(list(loader)).int()) for _ in range(2)]
        result[name] = {"epochs": epochs, "after": torch.rand(1).item()}
    return result


with open("random.json", "w") as file:
    seeds = [0, 1, 2, 42, 2**32 + 5, -7, -(2**63), 2**64 - 1]
    json.dump({"draws": [draws(seed) for seed in seeds], "orders": orders()}, file, indent=1)
    file.write("\n")
