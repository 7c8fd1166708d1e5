"""What a Recorder costs: steps of a network of a million parameters with and without it, in turn.

    python benchmarks/recorder.py [--every 50] [--steps 200] [--rounds 5]
"""

import argparse
import statistics
import tempfile
import time

import torch
from torch import nn

import steepest

options = argparse.ArgumentParser()
options.add_argument("--every", type=int, default=50)
options.add_argument("--steps", type=int, default=200)
options.add_argument("--rounds", type=int, default=5)
options = options.parse_args()

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(784, 700), nn.ReLU(), nn.Linear(700, 600), nn.ReLU(), nn.Linear(600, 10))
optimizer = torch.optim.Adam(model.parameters())
x, y = torch.randn(128, 784), torch.randint(0, 10, (128,))


def seconds(recorder=None):
    """Of a step, the mean over a loop."""
    began = time.perf_counter()
    for _ in range(options.steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        if recorder is not None:
            recorder.step(loss=loss, rate=1e-3)
    return (time.perf_counter() - began) / options.steps


print(f"{sum(p.numel() for p in model.parameters())} parameters, a snapshot every {options.every} steps")
seconds()
plain, recorded, said = [], [], []
for _ in range(options.rounds):
    plain.append(seconds())
    with tempfile.TemporaryDirectory() as folder:
        recorder = steepest.Recorder(folder, model, options.every, quiet=True)
        recorded.append(seconds(recorder))
        recorder.close()
        said.append(recorder.cost["seconds_per_step"])
a, b, c = (1e3 * statistics.median(values) for values in (plain, recorded, said))
print(f"a step: {a:.2f} ms without, {b:.2f} ms with a recorder; in the recorder itself {c:.3f} ms, {100 * c / a:.2f} % of a step")
