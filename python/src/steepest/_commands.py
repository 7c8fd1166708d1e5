"""What the program computes, as arrays: runs, maps, sweeps."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple, Union

import numpy as np

from ._binary import Experiment, call, named, read

Binary = Union[None, str, Path]


@dataclass
class Descent:
    """One descent.

    Attributes
    ----------
    name, rule : what it is called, and its update rule.
    status, status_step : how it ended (finished, converged, stopped, diverged, undefined), and at which step.
    path : iterates in the panel's coordinates, shape (n, 2), or (n, 1) for a curve.
    loss : loss at each, shape (n,).
    params : all parameters of each, shape (n, P), if `params=True` was asked for and there are more than two.
    """

    name: str
    rule: str
    status: str
    status_step: int
    path: np.ndarray
    loss: np.ndarray
    params: Optional[np.ndarray] = None


@dataclass
class Panel:
    """One panel.

    Attributes
    ----------
    title : its title.
    x, y : coordinates of the grid's columns, shape (nx,), and rows, (ny,); of a curve `y` is None.
    loss : at every node, shape (ny, nx), or (nx,) for a curve.
    descents : by name, in order; a name that is there twice gets a number.
    """

    title: str
    x: np.ndarray
    y: Optional[np.ndarray]
    loss: np.ndarray
    descents: Dict[str, Descent]


@dataclass
class Map:
    """Outcomes of a descent from every cell of a grid.

    Attributes
    ----------
    x, y : values along the two axes, shapes (cols,) and (rows,).
    minima, minima_loss : the known minima, shape (k, 2), and their losses, (k,).
    minimum : which of them a run settled at, shape (rows, cols); −1: none.
    steps : after how many steps, shape (rows, cols); −1: never.
    loss : at the last finite iterate, shape (rows, cols).
    status : 0 finished, 1 converged, 2 stopped, 3 diverged, 4 undefined; shape (rows, cols).
    """

    x: np.ndarray
    y: np.ndarray
    minima: np.ndarray
    minima_loss: np.ndarray
    minimum: np.ndarray
    steps: np.ndarray
    loss: np.ndarray
    status: np.ndarray


def run(experiment: Experiment, *, params: bool = False, binary: Binary = None, **options: Any) -> List[Panel]:
    """Compute an experiment's landscapes and descents.

    Parameters
    ----------
    experiment : str, Path or dict
        A built-in's name, a file, the text of one, or its contents: ``{"panel": [{"objective": "rosenbrock", …}]}``.
    params : bool
        Add the full parameters of every iterate (data sets and networks).
    binary : str or Path, optional
        The program, where it is not on the PATH nor in STEEPEST_BIN.
    **options
        Further options of `steepest run`: ``seed=3``, ``data="synthetic"``.

    Raises
    ------
    SteepestError
        The experiment is wrong; the message names line, key, found and expected.
    """
    with named(experiment) as name, tempfile.TemporaryDirectory(prefix="steepest-") as folder:
        out = Path(folder) / "results.npz"
        call(["run", name], {"format": "npz", "output": out, "params": params, **options}, binary)
        arrays = read(out)
    panels = []
    for i, entry in enumerate(json.loads(arrays["meta"].tobytes())["panels"]):
        at = f"panel{i}"
        descents: Dict[str, Descent] = {}
        for k, info in enumerate(entry["descents"]):
            title = info["name"]
            key = next(n for n in (title, *(f"{title} {j}" for j in range(2, k + 3))) if n not in descents)
            path, loss = arrays[f"{at}/descent{k}/traj"], arrays[f"{at}/descent{k}/traj_loss"]
            more = arrays.get(f"{at}/descent{k}/params")
            descents[key] = Descent(title, info["rule"], info["status"], info["status_step"], path, loss, more)
        panels.append(Panel(entry["title"], arrays[f"{at}/x"], arrays.get(f"{at}/y"), arrays[f"{at}/loss"], descents))
    return panels


def map(
    experiment: Experiment, *, x: Optional[str] = None, y: Optional[str] = None, grid: Union[int, Tuple[int, int]] = 512,
    descent: Optional[str] = None, binary: Binary = None, **options: Any,
) -> Map:  # fmt: skip
    """Run one descent from every cell of a grid of starts, rates or parameters.

    Parameters
    ----------
    experiment : str, Path or dict
        As for `run`.
    x, y : str, optional
        What varies along each axis, and how far: ``"rate=0.001:1"``, ``"momentum"``, ``"start.x"``. Default: the start.
    grid : int or (int, int)
        Cells along x and y.
    descent : str, optional
        The descent's name. Default: the first.
    **options
        Further options of `steepest map`: ``steps=300``, ``radius=0.01``, ``panel=2``.
    """
    size = (grid, grid) if isinstance(grid, (int, np.integer)) else grid
    with named(experiment) as name, tempfile.TemporaryDirectory(prefix="steepest-") as folder:
        out = Path(folder) / "map.npz"
        call(["map", name], {"output": out, "x": x, "y": y, "grid": size, "descent": descent, **options}, binary)
        arrays = read(out)
    return Map(**{key: arrays[key] for key in Map.__dataclass_fields__})


def sweep(*, grid: Union[int, Tuple[int, int]] = 100, binary: Binary = None, **options: Any) -> np.ndarray:
    """Sweep the MNIST loss surface over two weights; returns shape (rows, columns): v, u.

    Parameters
    ----------
    grid : int or (int, int)
        Nodes along u and v.
    **options
        Further options of `steepest sweep`: ``data="synthetic"``, ``u="-5:5"``, ``v="-5:5"``, ``backend="cpu"``.
    """
    size = (grid, grid) if isinstance(grid, (int, np.integer)) else grid
    with tempfile.TemporaryDirectory(prefix="steepest-") as folder:
        out = Path(folder) / "sweep.npy"
        call(["sweep"], {"output": out, "grid": size, **options}, binary)
        losses: np.ndarray = np.load(out, allow_pickle=False)
        return losses
