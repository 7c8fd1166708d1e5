"""A convolutional network on MNIST: two epochs recorded, the loss in the plane of its path, and a picture of both.

    python examples/mnist_cnn.py --data FOLDER     # which holds the four files; `steepest mnist fetch` gets them

The landscape is of the first 2000 training images (`--samples`), in eval mode; the path has their loss, too.
"""

import argparse
import gzip
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

import steepest

options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
options.add_argument("--data", type=Path, required=True, help="the folder with MNIST's files")
options.add_argument("--epochs", type=int, default=2)
options.add_argument("--grid", type=int, default=51, help="nodes along a side")
options.add_argument("--samples", type=int, default=2000, help="images that the landscape is of")
options.add_argument("--out", type=Path, default=Path("mnist-cnn.npz"))
options = options.parse_args()


def idx(name):
    """The bytes of an IDX file, as it is or compressed, with its shape."""
    path = next(path for path in (options.data / name, options.data / f"{name}.gz") if path.exists())
    raw = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
    shape = np.frombuffer(raw, ">i4", raw[3], 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def images(name):
    """(images, labels), of shapes (n, 1, 28, 28), standardised, and (n,)."""
    pixels = (idx(f"{name}-images-idx3-ubyte")[:, None] / 255 - 0.1307) / 0.3081
    return torch.tensor(pixels, dtype=torch.float32), torch.tensor(idx(f"{name}-labels-idx1-ubyte"), dtype=torch.long)


x, y = images("train")
test_x, test_y = images("t10k")

torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(1, 16, 5, stride=2), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(32 * 5 * 5, 10)
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
began = time.perf_counter()
with steepest.Recorder("mnist-cnn", model, every=20, exist="overwrite") as recorder:
    for epoch in range(options.epochs):
        for batch in torch.randperm(len(x)).split(128):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
            recorder.step(loss=loss, rate=0.02)
        with torch.no_grad():
            print(f"epoch {epoch + 1}: {100 * (model(test_x).argmax(1) == test_y).float().mean():.2f} % of the test images are right")
print(f"trained {sum(p.numel() for p in model.parameters())} parameters for {recorder.steps} steps in {time.perf_counter() - began:.1f} s")


def loss_fn(model, batch):
    inputs, target = batch
    scores = model(inputs)
    return {"loss": nn.functional.cross_entropy(scores, target), "accuracy": (scores.argmax(1) == target).float().mean()}


began = time.perf_counter()
few = (x[: options.samples], y[: options.samples])
title = f"A convolutional network on MNIST ({options.samples} images)"
run = steepest.slice(recorder, model, loss_fn, few, batch_size=500, grid=options.grid, out=options.out, title=title, overwrite=True)
path = run.paths["mnist-cnn"]
print(f"sliced {run.loss.size} nodes and {path.loss.size} recorded points in {time.perf_counter() - began:.1f} s")
print(f"the plane holds {100 * run.explained[:2].sum():.1f} % of the path; loss {path.loss[0]:.3f} → {path.loss[-1]:.3f}")
picture = steepest.show(run).save(options.out.with_suffix(".png"))
print(f"open it with `steepest {options.out}`; a picture is in {picture}")
