"""The examples run as they stand, in seconds."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import framework

import steepest

EXAMPLES = Path(__file__).parents[1] / "examples"


def run_example(name, folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(Path(steepest.__file__).parents[1])}
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name, needs, out", [("pytorch_moons", "torch", "moons"), ("jax_moons", "jax", "jax-moons")])
def test_an_example_runs(tmp_path, name, needs, out):
    framework(needs)
    run_example(name, tmp_path)
    run = steepest.load(tmp_path / f"{out}.npz")
    assert np.isfinite(run.loss).all() and run.loss.shape == (41, 41)
    loss = run.paths[out].loss
    assert loss[-1] < 0.1 * loss[0]


def test_two_trainings_in_numpy_lie_in_one_plane(tmp_path):
    run_example("numpy_xor", tmp_path)
    run = steepest.load(tmp_path / "xor.npz")
    assert np.isfinite(run.loss).all() and sum(run.explained[:2]) > 0.9
    assert all(path.loss[-1] < 0.3 * path.loss[0] for path in run.paths.values()) and len(run.paths) == 2


def test_the_network_on_mnist_is_recorded_sliced_and_pictured(tmp_path, program, opens_runs, monkeypatch):
    framework("torch")
    random = np.random.default_rng(0)
    labels = random.integers(0, 10, 1500).astype(np.uint8)
    pixels = np.clip(random.normal(20 * labels[:, None, None], 30, (1500, 28, 28)), 0, 255).astype(np.uint8)
    for name, array in (("images-idx3", pixels), ("labels-idx1", labels)):
        raw = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes()
        (tmp_path / f"train-{name}-ubyte").write_bytes(raw)
        (tmp_path / f"t10k-{name}-ubyte.gz").write_bytes(gzip.compress(raw))
    monkeypatch.setenv("STEEPEST_BIN", program)
    run_example("mnist_cnn", tmp_path, "--data", str(tmp_path), "--grid", "5", "--samples", "100", "--epochs", "4")
    run = steepest.load(tmp_path / "mnist-cnn.npz")
    assert np.isfinite(run.loss).all() and run.accuracy.shape == (5, 5)
    assert run.paths["mnist-cnn"].loss[-1] < run.paths["mnist-cnn"].loss[0]
    assert (tmp_path / "mnist-cnn.png").read_bytes().startswith(b"\x89PNG")
