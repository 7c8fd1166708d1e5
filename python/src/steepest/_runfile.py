"""Run files: a grid of losses over a plane and the recorded paths in it, as NumPy's archive without any pickle."""

from __future__ import annotations

import io
import json
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Optional, Union

import numpy as np

_OF_PATH = ("step", "u", "v", "loss", "residual")
_MAYBE_OF_PATH = ("rate", "grad_norm", "sharpness")
_MAYBE_GRID = ("val_loss", "accuracy")


@dataclass
class Track:
    """One recorded run in the plane; all arrays have shape (n,).

    Attributes
    ----------
    step : number of optimizer steps taken before each point.
    u, v : coordinates of the point's projection on the plane.
    loss : the true loss at the point itself, not at its projection; NaN: not there yet, inf: not finite.
    residual : Euclidean distance of the point from the plane.
    rate, grad_norm, sharpness : what was logged at these steps, if it was.
    """

    step: np.ndarray
    u: np.ndarray
    v: np.ndarray
    loss: np.ndarray
    residual: np.ndarray
    rate: Optional[np.ndarray] = None
    grad_norm: Optional[np.ndarray] = None
    sharpness: Optional[np.ndarray] = None


@dataclass
class Run:
    """What a run file holds.

    Attributes
    ----------
    meta : title, axis labels and how the plane was laid; everything JSON has.
    u, v : coordinates of the grid's columns, shape (nx,), and of its rows, (ny,).
    loss : loss at every node, shape (ny, nx); NaN: not there yet, inf: computed, and not finite.
    val_loss, accuracy : further heights of the same shape, if they were computed.
    explained : of the squared distances of all recorded points from the plane's origin, the fraction along each
        principal component, greatest first; the first two are `u` and `v`.
    paths : the recorded runs by name.
    file : where it was read from or saved to.
    """

    meta: Dict[str, Any]
    u: np.ndarray
    v: np.ndarray
    loss: np.ndarray
    val_loss: Optional[np.ndarray] = None
    accuracy: Optional[np.ndarray] = None
    explained: Optional[np.ndarray] = None
    paths: Dict[str, Track] = field(default_factory=dict)
    file: Optional[Path] = None

    def __repr__(self) -> str:
        there = 100 * np.mean(~np.isnan(self.loss)) if self.loss.size else 0
        paths = ", ".join(f"{name} ({track.step.size} points)" for name, track in self.paths.items()) or "no paths"
        return f"<Run {self.meta.get('title', '')!r}: {self.u.size}×{self.v.size} nodes, {there:.3g} % there; {paths}>"

    def save(self, path: Union[str, Path]) -> Path:
        """Write the run file, whole or not at all. The same run gives the same bytes."""
        target = Path(path)
        meta = {"steepest-run": 1, **self.meta}
        arrays = {"meta": np.frombuffer(json.dumps(meta, ensure_ascii=False).encode(), np.uint8), "u": self.u, "v": self.v}
        arrays["loss"] = self.loss
        for key in (*_MAYBE_GRID, "explained"):
            arrays[key] = getattr(self, key)
        for name, track in self.paths.items():
            for key in (*_OF_PATH, *_MAYBE_OF_PATH):
                arrays[f"path.{name}.{key}"] = getattr(track, key)
        part = target.with_name(target.name + ".part")
        with open(part, "wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                for key, array in arrays.items():
                    if array is None:
                        continue
                    member = io.BytesIO()
                    np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
                    # A ZipInfo of its own has a fixed date: the bytes depend on the numbers alone.
                    archive.writestr(zipfile.ZipInfo(key + ".npy"), member.getvalue())
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
        self.file = target
        return target

    def _repr_png_(self) -> Optional[bytes]:
        """A picture in a notebook; none where the program `steepest` is missing."""
        from ._show import show

        try:
            return show(self).png
        except (OSError, RuntimeError):
            return None


def load(path: Union[str, Path]) -> Run:
    """Read a run file.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        It is no run file; the message says what is wrong.
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise ValueError("it is a single array, no archive")
            arrays = {key: archive[key] for key in archive.files}
        return _run_of(arrays, path)
    except (ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"{path} is no run file: {error}") from error


def _run_of(arrays: Dict[str, np.ndarray], path: Path) -> Run:
    missing = [key for key in ("meta", "u", "v", "loss") if key not in arrays]
    if missing:
        raise ValueError(f"`{missing[0]}` is missing; found {', '.join(sorted(arrays)[:8]) or 'nothing'}")
    meta = json.loads(arrays["meta"].tobytes())
    if not isinstance(meta, dict) or meta.get("steepest-run") != 1:
        raise ValueError('`meta` has no `"steepest-run": 1`')
    meta.pop("steepest-run")
    run = Run(meta, arrays["u"], arrays["v"], arrays["loss"], file=path)
    for key in (*_MAYBE_GRID, "explained"):
        setattr(run, key, arrays.get(key))
    for key in ("loss", *_MAYBE_GRID):
        grid = getattr(run, key)
        if grid is not None and grid.shape != (run.v.size, run.u.size):
            raise ValueError(f"`{key}` has shape {grid.shape}; v and u make it {(run.v.size, run.u.size)}")
    for name in [key[5:-5] for key in arrays if key.startswith("path.") and key.endswith(".step")]:
        columns: Dict[str, Any] = {key: arrays.get(f"path.{name}.{key}") for key in _MAYBE_OF_PATH}
        columns.update({key: arrays[f"path.{name}.{key}"] for key in _OF_PATH})
        lengths = {column.shape for column in columns.values() if column is not None}
        if len(lengths) != 1:
            raise ValueError(f"the arrays of path `{name}` have different shapes: {sorted(lengths)}")
        run.paths[name] = Track(**columns)
    return run
