"""What several tests need: a small network in double precision, trained in NumPy, and frameworks that may be missing."""

import importlib
import os
import shutil
import subprocess
import warnings

import numpy as np
import pytest

import steepest


def framework(name):
    """The module, or a skip that says loudly what was not tested."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        warnings.warn(f"{name} CANNOT BE IMPORTED ({error}): its tests are skipped", stacklevel=2)
        pytest.skip(f"{name} is not installed", allow_module_level=True)


def pytest_terminal_summary(terminalreporter):
    for report in terminalreporter.stats.get("skipped", []):
        terminalreporter.write_line(f"NOT TESTED: {report.nodeid}: {report.longrepr[-1]}", yellow=True)


class Mlp:
    """A network 2-8-1 with tanh and squared error, as a dict of arrays."""

    def __init__(self, seed=0):
        random = np.random.default_rng(seed)
        shapes = {"0.weight": (8, 2), "0.bias": (8,), "2.weight": (1, 8), "2.bias": (1,)}
        self.params = {name: random.normal(0, 0.7, shape) for name, shape in shapes.items()}
        data = np.random.default_rng(99)
        self.x = data.normal(size=(200, 2))
        self.y = np.sin(self.x[:, :1] * self.x[:, 1:])

    @staticmethod
    def loss(params, batch):
        x, y = batch
        hidden = np.tanh(x @ params["0.weight"].T + params["0.bias"])
        return np.square(hidden @ params["2.weight"].T + params["2.bias"] - y).mean()

    def step(self, rate):
        p, n = self.params, len(self.x)
        hidden = np.tanh(self.x @ p["0.weight"].T + p["0.bias"])
        error = 2 * (hidden @ p["2.weight"].T + p["2.bias"] - self.y) / n
        back = error @ p["2.weight"] * (1 - hidden**2)
        gradient = {"0.weight": back.T @ self.x, "0.bias": back.sum(0), "2.weight": error.T @ hidden, "2.bias": error.sum(0)}
        for name, value in gradient.items():
            p[name] -= rate * value

    def train(self, folder, steps=120, every=10, rate=0.2):
        with steepest.Recorder(folder, self.params, every, quiet=True) as recorder:
            for _ in range(steps):
                self.step(rate)
                recorder.step(loss=self.loss(self.params, (self.x, self.y)), rate=rate)
        return folder


def flat(vector):
    return np.concatenate([np.ravel(vector[name]) for name in ("0.weight", "0.bias", "2.weight", "2.bias")])


def unflat(values):
    ends = np.cumsum([16, 8, 8])
    pieces = np.split(values, ends)
    return dict(zip(("0.weight", "0.bias", "2.weight", "2.bias"), [p.reshape(s) for p, s in zip(pieces, ((8, 2), (8,), (1, 8), (1,)))]))


@pytest.fixture
def mlp():
    return Mlp()


@pytest.fixture
def recorded(tmp_path, mlp):
    """A network and the folder, with a space in its name, in which its training is recorded."""
    return mlp, mlp.train(tmp_path / "my run")


@pytest.fixture
def program():
    """The program's path."""
    found = os.environ.get("STEEPEST_BIN") or shutil.which("steepest")
    if not found:
        pytest.skip("the program steepest is neither on the PATH nor in STEEPEST_BIN")
    return found


@pytest.fixture
def opens_runs(program, tmp_path):
    """That the program opens run files; an older one takes them for text."""
    axis = np.linspace(-1, 1, 5)
    file = steepest.Run({"title": "bowl"}, axis, axis, np.add.outer(axis**2, axis**2)).save(tmp_path / "bowl.npz")
    done = subprocess.run([program, "check", str(file)], capture_output=True, text=True)
    if done.returncode != 0:
        assert "UTF-8" in done.stderr, done.stderr
        pytest.skip("this program opens no run files yet")
