"""A 2-16-16-2 tanh network on 500 samples in NumPy, PyTorch and JAX: full-batch steps of gradient descent, and the loss at 64x64
nodes of a plane, all in double precision.

    python benches/networks.py [--threads 2]

Each figure is the shortest of several runs, compilation left out. Whatever is not installed is left out, too. What the program
itself takes is in docs/benchmarks.md, which these figures go into.
"""

import argparse
import os
import time

LAYERS = [2, 16, 16, 2]
SAMPLES = 500
NODES = 64
STEPS = 1000
RATE = 0.1


def shortest(run, repeats):
    """The least seconds that `run` took."""
    run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def say(what, steps, sweeps):
    for name, seconds in sweeps:
        print(f"{what}, {NODES}x{NODES} sweep, {name}: {1e3 * seconds:.1f} ms")
    print(f"{what}, full-batch steps: {STEPS / steps:.0f} a second", flush=True)


def problem():
    """Features, labels, and the parameters at three points: a plane's origin and its directions."""
    import numpy as np

    rng = np.random.default_rng(0)
    x = rng.standard_normal((SAMPLES, LAYERS[0]))
    y = (x[:, 0] * x[:, 1] > 0).astype(np.int64)
    shapes = [((b, a), (b,)) for a, b in zip(LAYERS, LAYERS[1:])]

    def draw(scale):
        return [scale * rng.standard_normal(s) for pair in shapes for s in pair]

    return x, y, draw(0.5), draw(0.05), draw(0.05)


def nodes():
    import numpy as np

    line = np.linspace(-1, 1, NODES)
    return [(a, b) for b in line for a in line]


def with_numpy():
    import numpy as np

    x, y, w, u, v = problem()
    rows = np.arange(SAMPLES)

    def forward(w):
        a = [x]
        for k in range(0, len(w) - 2, 2):
            a.append(np.tanh(a[-1] @ w[k].T + w[k + 1]))
        z = a[-1] @ w[-2].T + w[-1]
        z = z - z.max(1, keepdims=True)
        return a, z

    def loss(w):
        _, z = forward(w)
        return (np.log(np.exp(z).sum(1)) - z[rows, y]).mean()

    def gradient(w):
        a, z = forward(w)
        d = np.exp(z)
        d /= d.sum(1, keepdims=True)
        d[rows, y] -= 1
        d /= SAMPLES
        g = []
        for k in range(len(w) - 2, -1, -2):
            g = [d.T @ a[k // 2], d.sum(0)] + g
            if k:
                d = (d @ w[k]) * (1 - a[k // 2] ** 2)
        return g

    def steps():
        now = [p.copy() for p in w]
        for _ in range(STEPS):
            for p, g in zip(now, gradient(now)):
                p -= RATE * g

    def sweep():
        return [loss([o + a * p + b * q for o, p, q in zip(w, u, v)]) for a, b in nodes()]

    say(f"NumPy {np.__version__}", shortest(steps, 3), [("node by node", shortest(sweep, 3))])


def with_torch(threads):
    import numpy as np
    import torch

    torch.set_num_threads(threads)
    x, y, w, u, v = problem()
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    cross_entropy = torch.nn.functional.cross_entropy

    def forward(w, a):
        for k in range(0, len(w) - 2, 2):
            a = torch.tanh(a @ w[k].mT + w[k + 1].unsqueeze(-2))
        return a @ w[-2].mT + w[-1].unsqueeze(-2)

    def steps():
        now = [torch.tensor(p, requires_grad=True) for p in w]
        rule = torch.optim.SGD(now, lr=RATE)
        for _ in range(STEPS):
            rule.zero_grad()
            cross_entropy(forward(now, x), y).backward()
            rule.step()

    def at(places):
        a, b = (torch.tensor(c) for c in np.array(places).T)
        wide = [c.reshape(-1, 1, 1) for c in (a, b)]
        flat = [c.reshape(-1, 1) for c in (a, b)]
        points = []
        for o, p, q in zip(w, u, v):
            a, b = wide if o.ndim == 2 else flat
            points.append(torch.from_numpy(o) + a * torch.from_numpy(p) + b * torch.from_numpy(q))
        return points

    def batched(size):
        places = nodes()
        parts = [at(places[k : k + size]) for k in range(0, len(places), size)]

        def sweep():
            with torch.no_grad():
                for part in parts:
                    z = forward(part, x.expand(len(part[0]), -1, -1))
                    labels = y.expand(len(z), -1).unsqueeze(-1)
                    (z.logsumexp(-1) - z.gather(-1, labels).squeeze(-1)).mean(-1)

        return shortest(sweep, 5)

    best = min((batched(size), size) for size in (16, 64, 256))
    sweeps = [(f"{best[1]} nodes at a time", best[0])]
    say(f"PyTorch {torch.__version__}", shortest(steps, 3), sweeps)


def with_jax():
    import jax
    import jax.numpy as np

    jax.config.update("jax_enable_x64", True)
    x, y, w, u, v = problem()
    x, y = np.asarray(x), np.asarray(y)

    def loss(w):
        a = x
        for k in range(0, len(w) - 2, 2):
            a = np.tanh(a @ w[k].T + w[k + 1])
        z = a @ w[-2].T + w[-1]
        return (jax.nn.logsumexp(z, 1) - z[np.arange(SAMPLES), y]).mean()

    gradient = jax.grad(loss)

    @jax.jit
    def descend(w):
        def step(_, w):
            return [p - RATE * g for p, g in zip(w, gradient(w))]

        return jax.lax.fori_loop(0, STEPS, step, w)

    def at(place):
        return loss([o + place[0] * p + place[1] * q for o, p, q in zip(w, u, v)])

    places = np.array(nodes())

    def batched(size):
        sweep = jax.jit(lambda: jax.lax.map(at, places, batch_size=size))
        return shortest(lambda: sweep().block_until_ready(), 5)

    best = min((batched(size), size) for size in (16, 64, 256))
    start = [np.asarray(p) for p in w]
    steps = shortest(lambda: descend(start)[0].block_until_ready(), 3)
    say(f"JAX {jax.__version__}", steps, [(f"jit, {best[1]} nodes at a time", best[0])])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    threads = parser.parse_args().threads
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(threads)
    for measure in (with_numpy, lambda: with_torch(threads), with_jax):
        try:
            measure()
        except ImportError as error:
            print(f"left out: {error}")


if __name__ == "__main__":
    main()
