"""Losses, gradients, curvatures and descents of small networks by JAX and PyTorch; prints networks.json.

Samples, parameters and directions are waves (see `wave`), so that the file holds results only. Losses, gradients, products with the
Hessian and its greatest eigenvalue (numpy.linalg.eigvalsh of the whole matrix) are JAX's, in float64; 500 steps of Adam are
PyTorch's; `principal` are the first two right singular vectors (numpy.linalg.svd) of points that are waves, too.

Needs torch 2.15.0, jax 0.10.2, numpy 2.4.6.
"""

import json

import jax
import jax.numpy as jnp
import numpy as np
import torch

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)

CASES = [
    {"widths": [2, 8, 8, 2], "activation": "tanh", "residual": False},
    {"widths": [2, 5, 5, 3], "activation": "gelu", "residual": True},
    {"widths": [3, 6, 4, 4], "activation": "sigmoid", "residual": True},
    {"widths": [1, 7, 7, 1], "activation": "tanh", "residual": True},
    {"widths": [2, 9, 2], "activation": "relu", "residual": False},
]
SAMPLES = 150
STEPS, RATE, SHOWN = 500, 0.01, [0, 1, 10, 100, 250, 499, 500]


def wave(count, scale, step, phase):
    """scale · sin(step · k + phase) for k = 0, 1, …"""
    return scale * np.sin(step * np.arange(count) + phase)


def data(widths):
    x = wave(SAMPLES * widths[0], 1.5, 0.9, 0.3).reshape(SAMPLES, widths[0])
    if widths[-1] == 1:
        return x, wave(SAMPLES, 1.0, 0.37, 0.1)
    return x, (np.arange(SAMPLES) * 7 // 3) % widths[-1]


def size(widths):
    return sum((i + 1) * o for i, o in zip(widths, widths[1:]))


ACTIVATIONS = {
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
}


def loss_of(case):
    widths = case["widths"]
    x, y = data(widths)
    last = len(widths) - 2

    def loss(w):
        a, at = x, 0
        for k, (i, o) in enumerate(zip(widths, widths[1:])):
            weight, bias = w[at : at + i * o].reshape(o, i), w[at + i * o : at + (i + 1) * o]
            at += (i + 1) * o
            z = a @ weight.T + bias
            if k < last:
                before, z = a, ACTIVATIONS[case["activation"]](z)
                if case["residual"] and i == o:
                    z = z + before
            a = z
        if widths[-1] == 1:
            return jnp.mean((a[:, 0] - y) ** 2)
        return -jnp.mean(jax.nn.log_softmax(a)[jnp.arange(SAMPLES), y])

    return loss


class Net(torch.nn.Module):
    def __init__(self, case):
        super().__init__()
        widths = case["widths"]
        self.layers = torch.nn.ModuleList(torch.nn.Linear(i, o) for i, o in zip(widths, widths[1:]))
        self.case = case

    def forward(self, x):
        for k, layer in enumerate(self.layers):
            z = layer(x)
            if k < len(self.layers) - 1:
                z = getattr(torch.nn.functional, self.case["activation"])(z)
                if self.case["residual"] and z.shape == x.shape:
                    z = z + x
            x = z
        return x


def adam(case):
    net = Net(case)
    w = torch.tensor(wave(size(case["widths"]), 0.7, 1.3, 0.2))
    torch.nn.utils.vector_to_parameters(w, net.parameters())
    x, y = (torch.tensor(numbers) for numbers in data(case["widths"]))
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    losses = []
    for _ in range(STEPS + 1):
        optimizer.zero_grad()
        out = net(x)
        if case["widths"][-1] == 1:
            loss = torch.nn.functional.mse_loss(out[:, 0], y)
        else:
            loss = torch.nn.functional.cross_entropy(out, y)
        losses.append(loss.item())
        if len(losses) > STEPS:
            break
        loss.backward()
        optimizer.step()
    end = torch.nn.utils.parameters_to_vector(net.parameters()).tolist()
    return [losses[step] for step in SHOWN], end


def result(case):
    loss, n = loss_of(case), size(case["widths"])
    w, direction = wave(n, 0.7, 1.3, 0.2), wave(n, 1.0, 1.7, 0.5)
    gradient = jax.grad(loss)
    hessian = np.array(jax.hessian(loss)(w))
    losses, end = adam(case)
    return case | {
        "loss": float(loss(w)),
        "gradient": np.array(gradient(w)).tolist(),
        "product": np.array(jax.jvp(gradient, (w,), (direction,))[1]).tolist(),
        "greatest": float(np.linalg.eigvalsh(hessian)[-1]),
        "adam": {"losses": losses, "end": end},
    }


def principal():
    points, dim = 250, 90
    scale = 1.0 / (1.0 + np.arange(dim))
    offsets = wave(points * dim, 1.0, 0.7, 0.4).reshape(points, dim) ** 3 * scale
    _, values, vectors = np.linalg.svd(offsets)
    shares = (values**2 / np.sum(values**2))[:2]
    return {"points": points, "dim": dim, "directions": vectors[:2].tolist(), "explained": shares.tolist()}


print(json.dumps({
    "samples": SAMPLES,
    "steps": STEPS,
    "rate": RATE,
    "shown": SHOWN,
    "cases": [result(case) for case in CASES],
    "principal": principal(),
}))
