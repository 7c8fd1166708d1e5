"""Losses over a plane through a model's parameters, and at the recorded points of its training."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from ._adapter import Adapter, Part, Vector, adapt, describe
from ._evaluate import Data, Evaluation
from ._grid import Sweep, open_run
from ._plane import Plane, Point, Space, filter_normalised, given, principal, projected, through_ends
from ._ranks import ranks
from ._recorder import Recorder
from ._recording import Recording
from ._runfile import Run, Track

Range = Tuple[float, float]
GRID = 4096
"""The most nodes along a side."""
Recordings = Union[None, str, Path, Recorder, Sequence[Any], Mapping[str, Any]]


def slice(
    recordings: Recordings,
    model: Any,
    loss_fn: Callable[..., Any],
    data: Any = None,
    *,
    plane: Any = "pca",
    grid: Union[int, Tuple[int, int]] = 51,
    out: Union[str, Path] = "run.npz",
    u_range: Optional[Range] = None,
    v_range: Optional[Range] = None,
    through: str = "end",
    val_data: Any = None,
    batch_size: Optional[int] = None,
    batches: Optional[int] = None,
    cache: bool = True,
    bn: str = "eval",
    seed: int = 0,
    biases: bool = True,
    filter_axis: Optional[int] = None,
    gradients: bool = False,
    share: Optional[str] = None,
    title: Optional[str] = None,
    overwrite: bool = False,
    progress: bool = True,
) -> Run:
    """Compute the loss at every node of a plane, and the true loss of every recorded point.

    The grid is computed coarse to fine and saved as it grows, each time whole, so that `steepest run.npz` can show it
    meanwhile. When it is interrupted, the same call goes on where it stopped, to the same bytes. The model is left as it
    was. Under `torchrun` the processes share the nodes; where FSDP shards the model, or a DistributedSampler the data,
    they evaluate every node together.

    Parameters
    ----------
    recordings : folder, Recorder, or several as a list or as a dict by name, or None
        The runs whose points lie in the plane. None, with random or given directions, slices around the model as it is.
    model
        As for `Recorder`; it lends its architecture, the weights are those recorded.
    loss_fn : callable or torch criterion
        `loss_fn(model, batch)`, or `loss_fn(model)` without data: the batch's mean loss as a number or scalar array, or a
        dict with `loss` and `accuracy`. An instance of `torch.nn.Module` such as `CrossEntropyLoss()` is taken as
        `loss_fn(model(inputs), target)` for batches (inputs, target). For a pytree the model is the pytree.
    data : optional
        Batches (a DataLoader, a list), or a whole data set as an array or a tuple or dict of arrays (NumPy's become
        tensors on the model's device). Means of batches are weighted by their sizes.
    plane : {"pca", "random", "ends"} or pair of directions
        ``"pca"``: principal components of all recorded points as seen from the plane's origin. ``"random"``:
        filter-normalised (Li et al. 2018). ``"ends"``: through where three recordings ended. Or (u, v): flat vectors,
        lists of arrays, or dicts of arrays by parameter name.
    grid : int or (int, int)
        Nodes along u and along v, 2 to 4096.
    out : str or Path
        The run file.
    u_range, v_range : (float, float), optional
        Ends of the axes, in units of the directions (distances in parameter space for "pca" and "ends", weights' own
        lengths for "random"). Default: a quarter more on each side than the recorded points need; ±1 for "random".
    through : {"end", "start", "mean"}
        The plane's origin: where the first recording ended or began, or the mean of all points.
    val_data : optional
        Like `data`; its loss becomes `val_loss`, and `accuracy` is that on it.
    batch_size : int, optional
        Samples a batch, for data given as arrays. Default: all at once.
    batches : int, optional
        Take only so many batches, of data and of val_data.
    cache : bool
        Keep the batches in memory, on the model's device. Else they are read anew, from the same seed, at every point.
    bn : {"eval", "recalibrate"}
        BatchNorm at a node: with the running statistics of the plane's origin, or with statistics measured at the node on
        `data`, which takes another pass. Recorded points have their own statistics. Everything else is in eval mode.
    seed : int
        Of the random directions.
    biases : bool
        Whether random directions move biases and the parameters of normalisation layers, too.
    filter_axis : int, optional
        The axis of weights along which filters are counted. Default: 0 for PyTorch, −1 for JAX.
    gradients : bool
        True where `loss_fn` itself differentiates (physics-informed networks, gradient penalties).
    share : {"nodes", "data"}, optional
        What several processes share. Default: "data" for sharded models and samplers, else "nodes".
    title : str, optional
        The picture's title.
    overwrite : bool
        Begin anew even if `out` holds another slice.
    progress : bool
        Say on stderr what it will cost, how far it is, and how long it will take.

    Returns
    -------
    Run
        The grid and the paths; `out` holds the same.

    Raises
    ------
    FileExistsError
        `out` holds something else.
    RankError
        Another process has died; what was computed is in `out`.
    ValueError, TypeError
        An argument is not what it should be; the message says what was found and what was expected.
    """
    _check(plane, bn, share, through)
    size = _grid(grid)
    with ranks() as group:
        group.barrier()  # rank 0 may still have been recording
        opened = _open(recordings)
        names = [part.name for part in opened[0].parts] if opened else None
        adapter = adapt(model, names)
        if adapter.half:
            warnings.warn(
                "parameters are in half precision, and so is every node: the surface has steps. A copy in single precision has none",
                stacklevel=2,
            )
        space = Space(_parts(adapter, opened), group, adapter.sharded)
        together = share == "data" or (share is None and _is_shared(data)) or adapter.sharded
        if share == "nodes" and adapter.sharded:
            raise ValueError('share is "nodes", but the model is sharded; expected "data": all processes compute every node')
        sources = Data(adapter, data, batch_size, batches, cache, "data")
        val = None if val_data is None else Data(adapter, val_data, batch_size, batches, cache, "val_data")
        origin, statistics = _origin(space, adapter, opened, through)
        laid = _plane(plane, space, origin, opened, seed, adapter.filter_axis if filter_axis is None else filter_axis, biases)
        tracks = _tracks(space, laid, opened)
        u, v = _axes(size, u_range, v_range, plane, tracks)
        meta: Dict[str, Any] = {
            "title": title or f"Loss around {' and '.join(r.name for r in opened) or 'the model'}",
            "u": laid.labels[0],
            "v": laid.labels[1],
            **laid.about,
            "through": through if opened else "model",
            "bn": bn,
            "samples": int(group.sum(np.array([sources.samples]))[0]) if together else sources.samples,
        }
        run = Run(meta, u, v, np.full((v.size, u.size), np.nan), explained=laid.explained, paths=tracks)
        evaluation = Evaluation(adapter, loss_fn, sources, val, bn, group if together and group.size > 1 else None)
        with adapter.held(gradients):
            sweep = Sweep(run, Path(out), space, laid, adapter, evaluation, opened, statistics, progress)
            open_run(sweep, overwrite)
            sweep.compute()
    return run


def _check(plane: Any, bn: str, share: Optional[str], through: str) -> None:
    for name, value, choices in (
        ("bn", bn, ("eval", "recalibrate")),
        ("share", share, (None, "nodes", "data")),
        ("through", through, ("end", "start", "mean")),
        ("plane", plane if isinstance(plane, str) else "pca", ("pca", "random", "ends")),
    ):
        if value not in choices:
            more = ", or two directions (u, v)" if name == "plane" else ""
            raise ValueError(f"{name} is {value!r}; expected {', '.join(repr(c) for c in choices if c)}{more}")


def _grid(grid: Any) -> Tuple[int, int]:
    size = (grid, grid) if isinstance(grid, (int, np.integer)) and not isinstance(grid, bool) else grid
    good = isinstance(size, (tuple, list)) and len(size) == 2 and all(isinstance(n, (int, np.integer)) and 2 <= n <= GRID for n in size)
    if not good:
        raise ValueError(f"grid is {grid!r}; expected a whole number of nodes, 2 to {GRID}, or two of them (along u, along v)")
    return int(size[0]), int(size[1])


def _open(recordings: Recordings) -> List[Recording]:
    if recordings is None:
        return []
    if isinstance(recordings, (str, Path, Recorder, Recording)):
        recordings = [recordings]
    if not isinstance(recordings, (Mapping, list, tuple)) or not recordings:
        raise TypeError(f"recordings are a {describe(recordings)}; expected a folder, several in a list, a dict by name, or None")
    named = list(recordings.items()) if isinstance(recordings, Mapping) else [(None, entry) for entry in recordings]
    opened: List[Recording] = []
    for name, entry in named:
        if isinstance(entry, Recorder):
            entry.close()
        recording = Recording(entry.folder if isinstance(entry, (Recorder, Recording)) else entry)
        wanted = str(name or recording.name).replace("/", "-").replace("\\", "-")
        taken = {other.name for other in opened}
        recording.name = next(n for n in (wanted, *(f"{wanted} {k}" for k in range(2, 1000))) if n not in taken)
        if opened and recording.parts != opened[0].parts:
            raise ValueError(f"{recording.folder} has other parameters than {opened[0].folder}; a joint plane needs the same model")
        opened.append(recording)
    return opened


def _parts(adapter: Adapter, opened: List[Recording]) -> List[Part]:
    parts = adapter.parts()
    if opened:
        mine = {part.name: part for part in parts}
        for recorded in opened[0].parts:
            found = mine.get(recorded.name)
            if found is None:
                raise ValueError(f"the model has no parameter `{recorded.name}`, which was recorded; it has {', '.join(mine)}")
            if found.shape != recorded.shape:
                raise ValueError(f"`{recorded.name}` has shape {found.shape} in the model and {recorded.shape} in {opened[0].folder}")
        return [mine[recorded.name] for recorded in opened[0].parts]
    return parts


def _is_shared(data: Any) -> bool:
    samplers = (getattr(data, "sampler", None), getattr(getattr(data, "batch_sampler", None), "sampler", None))
    return any(type(sampler).__name__ == "DistributedSampler" for sampler in samplers)


def _origin(space: Space, adapter: Adapter, opened: List[Recording], through: str) -> Tuple[Vector, Vector]:
    if not opened:
        current = adapter.read()
        read = {part.name: current[part.name].astype(float) for part in space.parts}
        if not space.sharded:  # rank 0's, should the others' differ
            read = {name: space.ranks.broadcast(values) for name, values in read.items()}
        return read, adapter.statistics()
    first = opened[0]
    step = first.steps[0 if through == "start" else -1]
    if through != "mean":
        return first.point(step, space.parts), first.statistics(step)
    mean = {part.name: np.zeros(part.stop - part.start) for part in space.parts}
    points = _points(opened)
    for recording, at in points:
        for name, values in recording.point(at, space.parts).items():
            mean[name] += values / len(points)
    return mean, first.statistics(step)


def _points(opened: List[Recording]) -> List[Point]:
    return [(recording, step) for recording in opened for step in recording.steps]


def _plane(plane: Any, space: Space, origin: Vector, opened: List[Recording], seed: int, axis: int, biases: bool) -> Plane:
    if not isinstance(plane, str):
        return given(space, origin, plane)
    if plane == "random":
        return filter_normalised(space, origin, seed, axis, biases)
    if not opened:
        raise ValueError(f'plane="{plane}" needs recordings; expected them, or plane="random" or two directions')
    if plane == "pca":
        return principal(space, _points(opened), origin)
    if len(opened) != 3:
        raise ValueError(f'plane="ends" needs three recordings, whose ends span it; found {len(opened)}')
    return through_ends(space, [(recording, recording.steps[-1]) for recording in opened])


def _tracks(space: Space, plane: Plane, opened: List[Recording]) -> Dict[str, Track]:
    tracks = {}
    for recording in opened:
        u, v, residual = projected(space, plane, recording)
        more = {key: recording.logged(key) for key in ("rate", "grad_norm", "sharpness")}
        tracks[recording.name] = Track(np.array(recording.steps, np.int64), u, v, np.full(u.size, np.nan), residual, **more)
    return tracks


def _axes(size: Tuple[int, int], u_range: Any, v_range: Any, plane: Any, tracks: Dict[str, Track]) -> List[np.ndarray]:
    axes = []
    for name, n, span in (("u", size[0], u_range), ("v", size[1], v_range)):
        if span is None:
            values = np.concatenate([getattr(track, name) for track in tracks.values()]) if tracks else np.zeros(1)
            low, high = float(values.min()), float(values.max())
            margin = (high - low) / 4
            span = (low - margin, high + margin) if margin > 0 and plane != "random" else (-1.0, 1.0)
        try:
            low, high = (float(end) for end in span)
        except (TypeError, ValueError):
            raise ValueError(f"{name}_range is {span!r}; expected two numbers") from None
        if not (np.isfinite([low, high]).all() and low < high):
            raise ValueError(f"{name}_range is {span!r}; expected two finite numbers, the smaller first")
        axes.append(np.linspace(low, high, n))
    return axes
