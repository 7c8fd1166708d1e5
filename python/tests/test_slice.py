"""Slices of a network in NumPy: numbers against direct evaluation, resuming, and what goes wrong."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import Mlp, flat, unflat

import steepest


def sliced(mlp, folder, tmp_path, **options):
    options = {"grid": (13, 11), "out": tmp_path / "run.npz", "progress": False, **options}
    return steepest.slice(folder, mlp.params, mlp.loss, (mlp.x, mlp.y), **options)


def directions(folder, tmp_path, seed=7):
    """Two arbitrary directions, and the loss at a node by hand."""
    u, v = np.random.default_rng(seed).normal(size=(2, 33))
    recording = steepest.Recording(folder)
    return u, v, flat(recording.point(recording.steps[-1], recording.parts))


def test_every_node_is_the_direct_evaluation(recorded, tmp_path):
    mlp, folder = recorded
    u, v, origin = directions(folder, tmp_path)
    run = sliced(mlp, folder, tmp_path, plane=(u, v), u_range=(-1, 1.5), v_range=(-2, 1))
    for j, y in enumerate(np.linspace(-2, 1, 11)):
        for i, x in enumerate(np.linspace(-1, 1.5, 13)):
            assert abs(run.loss[j, i] - mlp.loss(unflat(origin + x * u + y * v), (mlp.x, mlp.y))) <= 1e-12


@pytest.mark.parametrize("batch_size", [None, 7, 200, 10**9])
def test_batches_are_weighted_by_their_sizes(recorded, tmp_path, batch_size):
    mlp, folder = recorded
    run = sliced(mlp, folder, tmp_path, batch_size=batch_size, grid=3)
    recording = steepest.Recording(folder)
    for k, step in enumerate(recording.steps):
        right = mlp.loss(unflat(flat(recording.point(step, recording.parts))), (mlp.x, mlp.y))
        assert abs(run.paths["my run"].loss[k] - right) <= 1e-12


def test_the_file_holds_what_is_returned_and_the_model_is_as_before(recorded, tmp_path):
    mlp, folder = recorded
    before = flat(mlp.params).copy()
    run = sliced(mlp, folder, tmp_path)
    np.testing.assert_array_equal(flat(mlp.params), before)
    read = steepest.load(tmp_path / "run.npz")
    np.testing.assert_array_equal(read.loss, run.loss)
    assert np.isfinite(read.loss).all()
    track = read.paths["my run"]
    np.testing.assert_array_equal(track.rate[1:], 0.2)
    np.testing.assert_array_equal(track.step, [*range(0, 121, 10)])
    assert track.residual[-1] == 0 and track.u[-1] == 0
    assert read.meta["plane"] == "pca" and "PC 1 (" in read.meta["u"]
    assert 0.5 < read.explained[:2].sum() <= 1
    # The recorded points lie within the axes.
    assert run.u[0] < track.u.min() and track.u.max() < run.u[-1]


class Interrupt:
    """A loss that ends the program, one way or another, at its n-th call."""

    def __init__(self, n, action):
        self.calls, self.n, self.action = 0, n, action

    def __call__(self, params, batch):
        self.calls += 1
        if self.calls == self.n:
            self.action()
        return Mlp.loss(params, batch)


def interrupt():
    raise KeyboardInterrupt


def test_an_interrupted_slice_goes_on_to_the_same_bytes(recorded, tmp_path, capsys):
    mlp, folder = recorded
    whole = sliced(mlp, folder, tmp_path, out=tmp_path / "whole.npz")
    loss = Interrupt(50, interrupt)
    options = {"grid": (13, 11), "out": tmp_path / "a b.npz"}
    with pytest.raises(KeyboardInterrupt):
        steepest.slice(folder, mlp.params, loss, (mlp.x, mlp.y), **options)
    assert "the same call goes on" in capsys.readouterr().err
    part = steepest.load(tmp_path / "a b.npz")
    assert 40 <= np.isfinite(part.loss).sum() + np.isfinite(part.paths["my run"].loss).sum() < 60
    # Borders first: a picture has its extent.
    assert np.isfinite(part.loss[[0, 0, -1, -1], [0, -1, 0, -1]]).all()
    again = Interrupt(0, interrupt)
    steepest.slice(folder, mlp.params, again, (mlp.x, mlp.y), **options)
    assert again.calls <= whole.loss.size + 13 - 47 + 2
    assert (tmp_path / "a b.npz").read_bytes() == (tmp_path / "whole.npz").read_bytes()


KILLED = """
import os, sys
sys.path.insert(0, {tests!r})
import numpy as np
from conftest import Mlp
import steepest
from steepest import _grid
_grid.SAVE_SECONDS = _grid.SAVE_SHARE = 0.0
calls = 0
def loss(params, batch):
    global calls
    calls += 1
    if calls == {at}:
        os.kill(os.getpid(), {signal})
    return Mlp.loss(params, batch)
mlp = Mlp()
steepest.slice({folder!r}, mlp.params, loss, (mlp.x, mlp.y), grid=(13, 11), out="run.npz")
"""


@pytest.mark.parametrize("signal", [9, 15])
def test_a_killed_slice_goes_on_to_the_same_bytes(recorded, tmp_path, signal):
    mlp, folder = recorded
    sliced(mlp, folder, tmp_path, out=tmp_path / "whole.npz")
    paths = [str(Path(__file__).parent), str(Path(steepest.__file__).parents[1])]
    script = KILLED.format(tests=paths[0], at=48, signal=signal, folder=str(folder))  # 30 % of 156
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == (-9 if signal == 9 else 143), done.stderr
    there = steepest.load(tmp_path / "run.npz")
    assert 20 < np.isfinite(there.loss).sum() + np.isfinite(there.paths["my run"].loss).sum() < 60
    if signal == 15:
        assert "the same call goes on" in done.stderr
    sliced(mlp, folder, tmp_path)
    assert (tmp_path / "run.npz").read_bytes() == (tmp_path / "whole.npz").read_bytes()


def test_a_finished_slice_is_not_computed_again(recorded, tmp_path):
    mlp, folder = recorded
    sliced(mlp, folder, tmp_path)
    loss = Interrupt(10, interrupt)
    steepest.slice(folder, mlp.params, loss, (mlp.x, mlp.y), grid=(13, 11), out=tmp_path / "run.npz", progress=False)
    assert loss.calls == 2  # the origin, to see that it is the same slice


def test_another_slice_is_not_overwritten(recorded, tmp_path):
    mlp, folder = recorded
    sliced(mlp, folder, tmp_path)
    for options, says in (
        ({"grid": (13, 12)}, "v has 11 nodes"),
        ({"plane": "random"}, "plane is 'pca' there, 'random' here"),
        ({"batches": 0}, "batches is 0; expected"),
    ):
        with pytest.raises((FileExistsError, ValueError), match=says):
            sliced(mlp, folder, tmp_path, **options)
    mlp.y = mlp.y + 0.1
    with pytest.raises(FileExistsError, match="the weights, the data or the loss have changed"):
        sliced(mlp, folder, tmp_path)
    assert sliced(mlp, folder, tmp_path, overwrite=True).meta["samples"] == 200
    (tmp_path / "run.npz").write_text("my notes")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        sliced(mlp, folder, tmp_path)


def test_losses_that_are_not_finite_are_told_from_missing_ones(recorded, tmp_path):
    mlp, folder = recorded

    def loss(params, batch):
        return {"loss": np.nan if params["2.bias"][0] > 0.1 else 1.0, "accuracy": 0.5}

    run = steepest.slice(folder, mlp.params, loss, (mlp.x, mlp.y), plane="random", grid=9, out=tmp_path / "run.npz", progress=False)
    assert np.isinf(run.loss).any() and (run.loss == 1).any() and not np.isnan(run.loss).any()
    np.testing.assert_array_equal(run.accuracy, 0.5)
    calls = Interrupt(0, interrupt)
    with pytest.raises(FileExistsError):  # another loss: found before anything is lost
        steepest.slice(folder, mlp.params, calls, (mlp.x, mlp.y), plane="random", grid=9, out=tmp_path / "run.npz", progress=False)


def test_validation_data_gets_a_height_of_its_own(recorded, tmp_path):
    mlp, folder = recorded
    run = sliced(mlp, folder, tmp_path, val_data=(mlp.x[:50], mlp.y[:50]))
    np.testing.assert_allclose(run.val_loss[5, 5], Mlp.loss(*at(run, mlp, folder, 5, 5)), atol=1e-12)


def at(run, mlp, folder, j, i):
    """Parameters of a node, found by slicing again along it; and the validation batch."""
    seen = []

    def spy(params, batch):
        seen.append({name: value.copy() for name, value in params.items()})
        return Mlp.loss(params, batch)

    steepest.slice(folder, mlp.params, spy, (mlp.x, mlp.y), grid=2, out=folder / "spy.npz", progress=False,
                   u_range=(run.u[i], run.u[i] + 1), v_range=(run.v[j], run.v[j] + 1))  # fmt: skip
    return seen[2], (mlp.x[:50], mlp.y[:50])


def test_several_runs_lie_in_one_plane(tmp_path):
    runs = {f"seed {seed}/a": Mlp(seed).train(tmp_path / f"run {seed}", 40) for seed in range(3)}
    mlp = Mlp()
    joint = sliced(mlp, runs, tmp_path)
    assert list(joint.paths) == ["seed 0-a", "seed 1-a", "seed 2-a"]
    ends = sliced(mlp, list(runs.values()), tmp_path, plane="ends", out=tmp_path / "ends.npz")
    for track in ends.paths.values():
        assert track.residual[-1] < 1e-12
    assert ends.meta["u"] == "from run 0 to run 1"


def test_a_model_alone_is_sliced_around_where_it_is(mlp, tmp_path):
    run = sliced(mlp, None, tmp_path, plane="random", grid=5)
    assert run.paths == {} and (run.u[0], run.u[-1]) == (-1, 1)
    np.testing.assert_allclose(run.loss[2, 2], mlp.loss(mlp.params, (mlp.x, mlp.y)), atol=1e-13)


@pytest.mark.parametrize(
    "options, error, says",
    [
        ({"plane": "pcs"}, ValueError, "plane is 'pcs'; expected 'pca', 'random', 'ends', or two directions"),
        ({"plane": "ends"}, ValueError, "needs three recordings.*found 1"),
        ({"plane": (np.zeros(33), np.ones(33))}, ValueError, "span no plane"),
        ({"plane": (np.ones(33), np.ones(33))}, ValueError, "span no plane"),
        ({"plane": (np.ones(33), np.ones(4))}, ValueError, r"direction v has shape \(4,\); expected \(33,\)"),
        ({"plane": ({"0.wight": 1}, {})}, ValueError, "direction u has `0.wight`"),
        ({"plane": 3}, ValueError, "expected two of them"),
        ({"grid": 1}, ValueError, "grid is 1; expected"),
        ({"grid": 10**9}, ValueError, "grid is 1000000000; expected a whole number of nodes, 2 to 4096"),
        ({"grid": (3, 4097)}, ValueError, "2 to 4096"),
        ({"grid": 2.5}, ValueError, "grid is 2.5; expected"),
        ({"grid": (5, 5, 5)}, ValueError, "grid is"),
        ({"u_range": (1, -1)}, ValueError, "u_range is .*the smaller first"),
        ({"v_range": (0, np.inf)}, ValueError, "v_range is .*finite"),
        ({"v_range": 3}, ValueError, "v_range is 3; expected two numbers"),
        ({"bn": "train"}, ValueError, "bn is 'train'; expected 'eval', 'recalibrate'"),
        ({"bn": "recalibrate"}, ValueError, "BatchNorm"),
        ({"out": "."}, IsADirectoryError, "is a folder"),
        ({"out": "nowhere/run.npz"}, FileNotFoundError, "nowhere"),
        ({"batch_size": 0}, ValueError, "batch_size is 0; expected"),
    ],
)
def test_bad_arguments_are_said(recorded, tmp_path, options, error, says):
    with pytest.raises(error, match=says):
        sliced(*recorded, tmp_path, **options)


@pytest.mark.parametrize(
    "data, error, says",
    [
        ((np.zeros((3, 2)), np.zeros((4, 1))), ValueError, r"\[3, 4\] samples; expected the same"),
        ([], ValueError, "data has no batches"),
        (7, TypeError, "data is a int"),
        ((np.zeros((0, 2)), np.zeros((0, 1))), ValueError, "or only empty ones"),
        ((), ValueError, "data has no arrays"),
    ],
)
def test_bad_data_is_said(recorded, tmp_path, data, error, says):
    mlp, folder = recorded
    with pytest.raises(error, match=says):
        steepest.slice(folder, mlp.params, mlp.loss, data, out=tmp_path / "run.npz", progress=False)


@pytest.mark.parametrize(
    "loss, says",
    [
        (lambda params, batch: params["0.weight"], r"an array of shape \(8, 2\); expected a number"),
        (lambda params, batch: None, "a NoneType; expected a number"),
        (lambda params, batch: (1.0, 0.5), "a tuple; expected a number"),
        (lambda params, batch: {"los": 1.0}, "a dict with los; expected `loss`"),
        (lambda batch: 1.0, r"loss_fn\(model, batch\)"),
    ],
)
def test_a_bad_loss_is_said(recorded, tmp_path, loss, says):
    mlp, folder = recorded
    with pytest.raises(TypeError, match=says):
        steepest.slice(folder, mlp.params, loss, (mlp.x, mlp.y), out=tmp_path / "run.npz", progress=False)


def test_an_iterator_is_kept_or_refused(recorded, tmp_path):
    mlp, folder = recorded
    batches = ((mlp.x[i : i + 50], mlp.y[i : i + 50]) for i in range(0, 200, 50))
    run = steepest.slice(folder, mlp.params, mlp.loss, batches, grid=3, out=tmp_path / "run.npz", progress=False)
    assert run.meta["samples"] == 200
    with pytest.raises(ValueError, match="can be read only once"):
        steepest.slice(folder, mlp.params, mlp.loss, iter([1]), cache=False, out=tmp_path / "run.npz", progress=False)


def test_other_models_and_folders_are_said(recorded, tmp_path):
    mlp, folder = recorded
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "model.pt").touch()
    for recording, says in (("nowhere", "no folder nowhere"), (tmp_path / "empty", "no snapshots.*found model.pt")):
        with pytest.raises(FileNotFoundError, match=says):
            sliced(mlp, recording, tmp_path)
    for change, says in (("0.bias", "no parameter `0.bias`"), ("2.weight", r"`2.weight` has shape \(1, 4\) in the model and \(1, 8\)")):
        params = dict(mlp.params)
        params.pop(change)
        if change == "2.weight":
            params[change] = np.zeros((1, 4))
        with pytest.raises(ValueError, match=says):
            steepest.slice(folder, params, mlp.loss, (mlp.x, mlp.y), progress=False)
    for model, says in (("model.pt", "the model is a str"), ({}, "dict of nothing"), ({"a": [1.0]}, "dict of list")):
        with pytest.raises(TypeError, match=says):
            steepest.slice(None, model, mlp.loss, plane="random", progress=False)


def test_the_cost_is_said_before_and_the_progress_meanwhile(recorded, tmp_path, capsys):
    sliced(*recorded, tmp_path, progress=True)
    said = capsys.readouterr().err
    assert "13×11 nodes and 13 recorded points, each over 200 samples in 1 batch," in said and "ms a point: about" in said
    assert "156 of 156 points, 100 %" in said
