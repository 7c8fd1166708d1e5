"""The same in JAX: parameters are a pytree, and the recorder is given them at every step.

    python examples/jax_moons.py
"""

import jax
import jax.numpy as jnp
import numpy as np

import steepest

random = np.random.default_rng(0)
angle, upper = random.uniform(0, np.pi, 400), random.random(400) < 0.5
x = np.stack([np.cos(angle) + ~upper, np.sin(angle) * np.where(upper, 1, -1) + 0.5 * ~upper], 1) + 0.1 * random.normal(size=(400, 2))
batch = (jnp.asarray(x), jnp.asarray(upper.astype(int)))

sizes = [2, 16, 16, 2]
keys = jax.random.split(jax.random.PRNGKey(0), 3)
params = [
    {"kernel": jax.random.normal(key, (a, b)) * (2 / (a + b)) ** 0.5, "bias": jnp.zeros(b)}
    for key, a, b in zip(keys, sizes, sizes[1:])
]


@jax.jit
def loss(params, batch):
    h, y = batch
    for layer in params[:-1]:
        h = jnp.tanh(h @ layer["kernel"] + layer["bias"])
    logits = h @ params[-1]["kernel"] + params[-1]["bias"]
    return (jax.nn.logsumexp(logits, 1) - logits[jnp.arange(len(y)), y]).mean()


@jax.jit
def update(params, batch):
    value, gradient = jax.value_and_grad(loss)(params, batch)
    return value, jax.tree_util.tree_map(lambda p, g: p - 0.3 * g, params, gradient)


with steepest.Recorder("jax-moons", params, every=10, exist="overwrite") as recorder:
    for _ in range(400):
        value, params = update(params, batch)
        recorder.step(params, loss=value, rate=0.3)

run = steepest.slice(recorder, params, loss, batch, grid=41, out="jax-moons.npz", overwrite=True)
print(f"the loss fell from {run.paths['jax-moons'].loss[0]:.3f} to {run.paths['jax-moons'].loss[-1]:.3f}")
