"""The examples run as they stand, in seconds."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import framework

import steepest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.parametrize("name, needs, out", [("pytorch_moons", "torch", "moons"), ("jax_moons", "jax", "jax-moons")])
def test_an_example_runs(tmp_path, name, needs, out):
    framework(needs)
    environment = {**os.environ, "PYTHONPATH": str(Path(steepest.__file__).parents[1])}
    command = [sys.executable, str(EXAMPLES / f"{name}.py")]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    run = steepest.load(tmp_path / f"{out}.npz")
    assert np.isfinite(run.loss).all() and run.loss.shape == (41, 41)
    loss = run.paths[out].loss
    assert loss[-1] < 0.1 * loss[0]
