"""A network in NumPy alone learns XOR: two trainings recorded, and the loss over the plane of both.

    python examples/numpy_xor.py     # some seconds
"""

import numpy as np

import steepest

random = np.random.default_rng(4)
x = random.uniform(-1, 1, (300, 2))
batch = (x, (x[:, 0] * x[:, 1] > 0).astype(float))


def forward(w, x):
    hidden = np.tanh(x @ w["hidden"].T + w["bias"])
    return hidden, 1 / (1 + np.exp(-(hidden @ w["out"])))


def criterion(w, batch):
    x, y = batch
    p = forward(w, x)[1]
    return -np.mean(y * np.log(p + 1e-9) + (1 - y) * np.log(1 - p + 1e-9))


def gradient(w, batch):
    x, y = batch
    hidden, p = forward(w, x)
    d = (p - y) / len(y)
    below = np.outer(d, w["out"]) * (1 - hidden**2)
    return {"hidden": below.T @ x, "bias": below.sum(0), "out": hidden.T @ d}


def momentum(g, state):
    state["v"] = 0.9 * state.get("v", 0) + g
    return 0.3 * state["v"]


def adam(g, state):
    t = state["t"] = state.get("t", 0) + 1
    state["m"] = 0.9 * state.get("m", 0) + 0.1 * g
    state["v"] = 0.99 * state.get("v", 0) + 0.01 * g**2
    return 0.05 * state["m"] / (1 - 0.9**t) / (np.sqrt(state["v"] / (1 - 0.99**t)) + 1e-8)


start = {"hidden": random.normal(size=(8, 2)), "bias": np.zeros(8), "out": 0.3 * random.normal(size=8)}
runs = {}
for name, update in {"Momentum": momentum, "Adam": adam}.items():
    w, states = {key: value.copy() for key, value in start.items()}, {key: {} for key in start}
    with steepest.Recorder(f"xor/{name}", w, every=4, exist="overwrite") as runs[name]:
        for _ in range(200):
            loss, g = criterion(w, batch), gradient(w, batch)
            w = {key: value - update(g[key], states[key]) for key, value in w.items()}
            runs[name].step(w, loss=loss)

run = steepest.slice(runs, w, criterion, [batch], grid=41, out="xor.npz", title="Two trainings on XOR", overwrite=True)

u, v = run.explained[:2]
losses = ", ".join(f"{name} {path.loss[-1]:.3f}" for name, path in run.paths.items())
print(f"the plane holds {100 * (u + v):.0f} % of both paths; in the end the losses are {losses}")
