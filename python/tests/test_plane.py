"""Planes against NumPy's own linear algebra, and the order of the grid."""

import numpy as np
import pytest
from conftest import Mlp, flat, unflat

import steepest
from steepest import _plane
from steepest._adapter import Part, adapt
from steepest._order import coarse_to_fine
from steepest._plane import Space, filter_normalised, principal, projected, through_ends
from steepest._ranks import Ranks


def space_of(params):
    return Space(adapt(params).parts(), Ranks(), False)


def opened(folder):
    recording = steepest.Recording(folder)
    points = [(recording, step) for step in recording.steps]
    matrix = np.stack([flat(recording.point(step, recording.parts)) for step in recording.steps])
    return recording, points, matrix


@pytest.mark.parametrize("elements", [1 << 22, 100])  # at once, and in pieces
def test_principal_components_are_those_of_the_svd(recorded, monkeypatch, elements):
    monkeypatch.setattr(_plane, "_ELEMENTS", elements)
    mlp, folder = recorded
    recording, points, matrix = opened(folder)
    origin = recording.point(recording.steps[-1], recording.parts)
    plane = principal(space_of(mlp.params), points, origin)
    _, sigma, rows = np.linalg.svd(matrix - matrix[-1])
    for mine, right in zip((plane.u, plane.v), rows):
        assert abs(flat(mine) @ right) >= 1 - 1e-9
    np.testing.assert_allclose(plane.explained[:3], (sigma**2 / (sigma**2).sum())[:3], rtol=1e-9)
    np.testing.assert_allclose(plane.metric, np.eye(2), atol=1e-14)


def test_pythagoras_holds_for_residuals(recorded):
    mlp, folder = recorded
    recording, points, matrix = opened(folder)
    space = space_of(mlp.params)
    origin = recording.point(recording.steps[-1], recording.parts)
    random = filter_normalised(space, origin, 3, 0, True)
    for plane in (principal(space, points, origin), random):
        u, v, residual = projected(space, plane, recording)
        inside = np.outer(u, flat(plane.u)) + np.outer(v, flat(plane.v))
        whole = np.square(matrix - matrix[-1]).sum(1)
        np.testing.assert_allclose(np.square(inside).sum(1) + residual**2, whole, rtol=1e-9, atol=1e-12)
        # Perpendicular to both, though random directions are not perpendicular to one another.
        left = matrix - matrix[-1] - inside
        np.testing.assert_allclose(left @ np.stack([flat(plane.u), flat(plane.v)]).T, 0, atol=1e-12)


def test_random_directions_are_as_long_as_the_weights_of_each_filter(mlp):
    mlp.params["0.weight"][3] = 0  # a dead neuron stays dead
    plane = filter_normalised(space_of(mlp.params), {k: v.ravel() for k, v in mlp.params.items()}, 1, 0, True)
    for direction in (unflat(flat(plane.u)), unflat(flat(plane.v))):
        np.testing.assert_allclose(np.linalg.norm(direction["0.weight"], axis=1), np.linalg.norm(mlp.params["0.weight"], axis=1))
        np.testing.assert_allclose(np.linalg.norm(direction["0.bias"]), np.linalg.norm(mlp.params["0.bias"]))
        assert abs(direction["0.bias"]).std() > 0
    without = filter_normalised(space_of(mlp.params), {k: v.ravel() for k, v in mlp.params.items()}, 1, 0, False)
    assert not unflat(flat(without.u))["0.bias"].any()
    np.testing.assert_array_equal(without.u["0.weight"], plane.u["0.weight"])


def test_filters_along_the_last_axis_are_those_of_jax():
    kernel = np.random.default_rng(0).normal(size=(3, 4, 5))
    plane = filter_normalised(space_of({"k": kernel}), {"k": kernel.ravel()}, 0, -1, True)
    np.testing.assert_allclose(np.linalg.norm(plane.u["k"].reshape(3, 4, 5), axis=(0, 1)), np.linalg.norm(kernel, axis=(0, 1)))


def test_noise_does_not_depend_on_how_a_tensor_is_sharded():
    whole = Part("w", (300, 700), 0, 210_000)
    noise = _plane._noise(whole, 5, 0)
    for start, stop in ((0, 70_000), (70_000, 140_000), (140_000, 210_000), (210_000, 210_000)):
        np.testing.assert_array_equal(_plane._noise(Part("w", (300, 700), start, stop), 5, 0), noise[start:stop])


def test_the_plane_of_three_ends_goes_through_them(tmp_path):
    recordings = [steepest.Recording(Mlp(seed).train(tmp_path / f"run {seed}", 30)) for seed in range(3)]
    space = space_of(Mlp().params)
    plane = through_ends(space, [(r, r.steps[-1]) for r in recordings])
    ends = [[values[-1] for values in projected(space, plane, recording)] for recording in recordings]
    np.testing.assert_allclose([residual for _, _, residual in ends], 0, atol=1e-12)
    np.testing.assert_allclose(ends[0][:2], 0, atol=1e-12)
    np.testing.assert_allclose(ends[1][1], 0, atol=1e-12)
    assert ends[1][0] > 0 and ends[2][1] > 0


@pytest.mark.parametrize("nx, ny", [(2, 2), (9, 9), (51, 51), (101, 41), (5, 300), (2, 1000), (129, 129)])
def test_every_node_comes_once_and_coarse_ones_first(nx, ny):
    levels = coarse_to_fine(nx, ny)
    nodes = [node for level in levels for node in level]
    assert sorted(nodes) == [(j, i) for j in range(ny) for i in range(nx)]
    first = levels[0]
    assert {(0, 0), (ny - 1, nx - 1)} <= set(first)
    assert len(first) <= min(nx, 18) * min(ny, 18)
