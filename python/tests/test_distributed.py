"""One, two and three processes of torchrun on gloo: the same grid, and a file that outlives a process that dies."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import framework

import steepest

torch = framework("torch")
# Debian 12's PyTorch 1.13 does not understand its own default on Python 3.11.
TEE = ["--redirects=1", "--tee=1"] if torch.__version__.startswith("1.") else []
SCRIPT = Path(__file__).with_name("ranks.py")
pytestmark = pytest.mark.skipif(not torch.distributed.is_available(), reason="torch.distributed is not available")


def launch(folder, processes, *arguments):
    """Run the script, by itself or under torchrun, and return what became of it."""
    source = str(Path(steepest.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": source, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    command = [sys.executable]
    if processes:
        command += ["-m", "torch.distributed.run", "--rdzv_backend=c10d", "--rdzv_endpoint=localhost:0", f"--nproc_per_node={processes}"]
        command += ["--monitor_interval=0.1", *TEE]
    return subprocess.run([*command, str(SCRIPT), *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a recording and the slice that one process alone makes of it."""
    folder = tmp_path_factory.mktemp("ranks")
    done = launch(folder, 0, "plain", "train=yes", "out=alone.npz")
    assert done.returncode == 0, done.stderr
    return folder


def same(folder, name, other="alone.npz", tolerance=1e-12):
    a, b = steepest.load(folder / name), steepest.load(folder / other)
    for key in ("u", "v", "loss"):
        np.testing.assert_allclose(getattr(a, key), getattr(b, key), rtol=0, atol=tolerance)
    (mine,), (others,) = a.paths.values(), b.paths.values()
    for key in ("u", "v", "loss"):
        np.testing.assert_allclose(getattr(mine, key), getattr(others, key), rtol=0, atol=tolerance)
    np.testing.assert_allclose(mine.residual, others.residual, rtol=0, atol=1e-9)


@pytest.mark.parametrize("case, processes", [("plain", 1), ("ddp", 2), ("plain", 3), ("sampler", 2)])
def test_processes_share_a_slice_and_agree(folder, case, processes):
    done = launch(folder, processes, case, f"out={case} {processes}.npz", "differ=yes")
    assert done.returncode == 0, done.stderr
    if processes > 1:
        assert f"over {processes} processes" in done.stderr
    assert done.stderr.count("slice:") == 1  # only one of them speaks
    same(folder, f"{case} {processes}.npz")


def test_processes_that_train_together_record_once(folder):
    (folder / "ddp").mkdir()
    done = launch(folder / "ddp", 2, "ddp", "train=yes", "out=run.npz")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("snapshots") == 1
    assert len(list((folder / "ddp" / "recorded").glob("*.safetensors"))) == 7
    same(folder, "ddp/run.npz", tolerance=1e-9)  # the gradient is a mean over ranks


@pytest.mark.parametrize("case", ["killed", "failed"])
def test_a_process_that_dies_leaves_a_file_that_goes_on(folder, case):
    done = launch(folder, 2, case, "at=20", f"out={case}.npz")
    assert done.returncode != 0
    assert f"{case}.npz holds what was computed, and the same call goes on from there" in done.stderr, done.stderr
    if case == "failed":
        assert "rank 1 had enough" in done.stderr and "failed at another rank" in done.stderr
    else:
        assert "rank 0 of 2 on" in done.stderr and "one has died" in done.stderr or "terminated" in done.stderr
    there = steepest.load(folder / f"{case}.npz")
    assert 0 < np.isfinite(there.loss).sum() < there.loss.size
    done = launch(folder, 0, "plain", f"out={case}.npz")
    assert done.returncode == 0, done.stderr
    assert "for what is missing" in done.stderr
    same(folder, f"{case}.npz")


@pytest.mark.parametrize("plane", ["pca", "random"])
def test_shards_are_never_gathered_and_give_the_same_slice(folder, plane):
    try:
        from torch.distributed.fsdp import fully_shard  # noqa: F401
    except (ImportError, ValueError) as error:
        pytest.skip(f"this PyTorch has no fully_shard (FSDP 2): {error}")
    (folder / plane).mkdir()
    done = launch(folder / plane, 3, "fsdp", "train=yes", f"plane={plane}", "out=sharded.npz")
    assert done.returncode == 0, done.stderr
    assert len(list((folder / plane / "recorded").glob("step-*.rank-?-of-3.safetensors"))) == 3 * 7
    # One process alone reads the shards of all.
    done = launch(folder / plane, 0, "plain", f"plane={plane}", "out=alone.npz")
    assert done.returncode == 0, done.stderr
    same(folder / plane, "sharded.npz", "alone.npz")
