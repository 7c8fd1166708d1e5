"""JAX: pytrees of arrays."""

import numpy as np
import pytest
from conftest import framework

import steepest

jax = framework("jax")
jnp = jax.numpy


def start():
    keys = jax.random.split(jax.random.PRNGKey(0), 2)
    layers = [{"kernel": jax.random.normal(key, shape), "bias": jnp.zeros(shape[-1])} for key, shape in zip(keys, ((2, 8), (8, 1)))]
    return {"dense": layers, "steps": 3}


@jax.jit
def loss(params, batch):
    x, y = batch
    first, second = params["dense"]
    return jnp.square(jnp.tanh(x @ first["kernel"] + first["bias"]) @ second["kernel"] + second["bias"] - y).mean()


def test_a_training_is_recorded_and_sliced(tmp_path):
    x = np.random.default_rng(0).normal(size=(64, 2)).astype(np.float32)
    batch = (x, np.sin(x[:, :1] * x[:, 1:]))
    params = start()
    with steepest.Recorder(tmp_path / "run", params, 5, quiet=True) as recorder:
        for _ in range(20):
            gradient = jax.grad(lambda dense: loss({**params, "dense": dense}, batch))(params["dense"])
            params["dense"] = jax.tree_util.tree_map(lambda p, g: p - 0.1 * g, params["dense"], gradient)
            recorder.step(params, loss=loss(params, batch))
    recording = steepest.Recording(tmp_path / "run")
    assert recording.steps == [0, 5, 10, 15, 20]
    assert [part.name for part in recording.parts] == [f"dense.{i}.{name}" for i in range(2) for name in ("bias", "kernel")]
    run = steepest.slice(recorder, params, loss, batch, grid=5, out=tmp_path / "run.npz", progress=False, batch_size=10)
    np.testing.assert_allclose(run.paths["run"].loss[-1], loss(params, batch), rtol=1e-5)
    assert np.isfinite(run.loss).all()
    random = steepest.slice(recorder, params, loss, batch, plane="random", grid=3, out=tmp_path / "b.npz", progress=False)
    np.testing.assert_allclose(random.loss[1, 1], loss(params, batch), rtol=1e-5)


def test_recalibration_is_pytorchs(tmp_path):
    with pytest.raises(ValueError, match="PyTorch"):
        steepest.slice(None, start(), lambda params: 0.0, plane="random", bn="recalibrate", out=tmp_path / "r.npz", progress=False)
