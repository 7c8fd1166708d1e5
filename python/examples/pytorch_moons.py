"""A classifier of two moons in PyTorch: its training recorded, and the loss around it.

    python examples/pytorch_moons.py                         # some seconds on a laptop
    torchrun --nproc_per_node=2 examples/pytorch_moons.py    # the same, the grid shared by two processes
"""

import math

import torch
from torch import nn

import steepest

torch.manual_seed(0)
angle = torch.rand(400) * math.pi
upper = torch.rand(400) < 0.5
x = torch.stack([angle.cos() + ~upper, angle.sin() * (2 * upper - 1.0) + 0.5 * ~upper], 1) + 0.1 * torch.randn(400, 2)
y = upper.long()

model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 2))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=50, shuffle=True)

with steepest.Recorder("moons", model, every=10, exist="overwrite") as recorder:  # added to the loop: this line
    for _ in range(40):
        for inputs, target in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), target)
            loss.backward()
            optimizer.step()
            recorder.step(loss=loss, rate=optimizer.param_groups[0]["lr"])  # and this one

run = steepest.slice(recorder, model, criterion, loader, grid=41, out="moons.npz", overwrite=True)

u, v = run.explained[:2]
path = run.paths["moons"]
print(f"the plane holds {100 * (u + v):.0f} % of the path; the loss fell from {path.loss[0]:.3f} to {path.loss[-1]:.3f}")
