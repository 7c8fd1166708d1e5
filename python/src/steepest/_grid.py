"""Filling a run file: which point next, by whom, saved when; and going on with one that was begun."""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, List, Optional, Tuple

import numpy as np

from ._adapter import Adapter, Vector
from ._evaluate import Evaluation
from ._order import coarse_to_fine
from ._plane import Plane, Space
from ._ranks import RankError
from ._recording import Recording
from ._runfile import Run, load

Task = Tuple[Any, int, int]
"""None, row, column of a node; or a recording, its number of the point, its step."""
SAVE_SECONDS = 2.0
SAVE_SHARE = 20.0
"""Between two saves lies at least this many times what one takes."""
ROUND_SECONDS = 1.0


class Sweep:
    """Everything that evaluating the tasks of one slice takes."""

    def __init__(
        self, run: Run, out: Path, space: Space, plane: Plane, adapter: Adapter, evaluation: Evaluation,
        recordings: List[Recording], statistics: Vector, progress: bool,
    ):  # fmt: skip
        self.run, self.out, self.adapter, self.evaluation = run, out, adapter, evaluation
        self.space, self.plane, self.recordings, self.statistics = space, plane, recordings, statistics
        self.ranks = space.ranks
        self.together = evaluation.ranks is not None
        self.talks = progress and self.ranks.rank == 0
        self._placed = [adapter.place(vector) for vector in (plane.origin, plane.u, plane.v)]
        self._saved, self._save_took = 0.0, 0.0
        self._drawn = time.monotonic()
        self.seconds = math.nan
        """What one evaluation takes."""

    def evaluate(self, task: Task) -> np.ndarray:
        """Loss, accuracy and validation loss at a node or at a recorded point, shape (3,)."""
        recording, row, column = task
        if recording is None:
            return self.at(float(self.run.u[column]), float(self.run.v[row]))
        point = self.adapter.place(recording.point(column, self.space.parts))
        self.adapter.move([(1.0, point)])
        self.adapter.set_statistics(recording.statistics(column))
        return self.evaluation(only_loss=True)

    def at(self, x: float, y: float) -> np.ndarray:
        self.adapter.move(list(zip((1.0, x, y), self._placed)))
        self.adapter.set_statistics(self.statistics)
        return self.evaluation()

    def tasks(self) -> List[Task]:
        """All of them, in order: the coarse nodes, the recorded points, the finer nodes."""
        first, *finer = coarse_to_fine(self.run.u.size, self.run.v.size)
        points: List[Task] = [(recording, k, step) for recording in self.recordings for k, step in enumerate(recording.steps)]
        return [*((None, *node) for node in first), *points, *((None, *node) for level in finer for node in level)]

    def is_done(self, task: Task) -> bool:
        recording, row, column = task
        return not math.isnan(self.run.loss[row, column] if recording is None else self.run.paths[recording.name].loss[row])

    def store(self, task: Task, values: np.ndarray) -> None:
        recording, row, column = task
        if recording is not None:
            self.run.paths[recording.name].loss[row] = values[0]
            return
        for grid, value in zip((self.run.loss, self.run.accuracy, self.run.val_loss), values):
            if grid is not None:
                grid[row, column] = value

    def compute(self) -> None:
        """Evaluate what is missing. However it ends, what was computed is saved."""
        tasks = self.tasks()
        todo = [task for task in tasks if not self.is_done(task)]
        done = len(tasks) - len(todo)
        self._announce(len(tasks), done)
        began, before = time.monotonic(), done
        # How many points a rank computes between two exchanges: about a second's worth.
        each, sharing = 1, 1 if self.together else self.ranks.size
        _on_termination(_exit, signal.SIG_DFL)
        try:
            while todo:
                now, todo = todo[: each * sharing], todo[each * sharing :]
                seconds = self._round(now)
                done += len(now)
                self._save(force=not todo)
                self._show(done, len(tasks), (time.monotonic() - began) / (done - before) * len(todo))
                if sharing > 1:  # the same at every rank, because `seconds` is
                    each = min(1000, max(1, int(each * min(4.0, ROUND_SECONDS / max(seconds, 1e-9)))))
        except BaseException as error:
            # Where another rank has died, torchrun's signal comes while this is being said.
            _on_termination(signal.SIG_IGN, _exit)
            self._save(force=True)
            why = "terminated" if isinstance(error, SystemExit) else "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
            self._say(
                f"\nstopped at {100 * done / len(tasks):.3g} %: {why}. {self.out} holds what was computed, and the same call goes on "
                "from there\n"
            )
            raise
        finally:
            _on_termination(signal.SIG_DFL, _exit, signal.SIG_IGN)

    def _round(self, tasks: List[Task]) -> float:
        """Evaluate tasks, by all ranks together or each its share, and return rank 0's seconds."""
        alone = self.together or self.ranks.size == 1
        values = np.zeros((len(tasks) + 1, 3))
        began, failure = time.monotonic(), None
        try:
            for number, task in enumerate(tasks):
                if alone or number % self.ranks.size == self.ranks.rank:
                    values[number] = self.evaluate(task)
        except Exception as error:
            if alone:
                raise
            values[-1, 0], failure = 1.0, error
        values[-1, 1] = time.monotonic() - began if self.ranks.rank == 0 else 0.0
        if not alone:
            values = self.ranks.sum(values)
            if failure is not None:
                raise failure
            if values[-1, 0] > 0:
                raise RankError(f"rank {self.ranks.rank} stops: the loss failed at another rank, which says why")
        for task, row in zip(tasks, values):
            self.store(task, row)
        return float(values[-1, 1])

    def _save(self, force: bool = False) -> None:
        if self.ranks.rank > 0:
            return
        began = time.monotonic()
        if force or began - self._saved > max(SAVE_SECONDS, SAVE_SHARE * self._save_took):
            self.run.save(self.out)
            self._saved = time.monotonic()
            self._save_took = self._saved - began

    def _announce(self, total: int, done: int) -> None:
        nodes, points = f"{self.run.u.size}×{self.run.v.size}", sum(track.step.size for track in self.run.paths.values())
        seconds = (total - done) * self.seconds / (1 if self.together else self.ranks.size)
        ranks = f" over {self.ranks.size} processes" if self.ranks.size > 1 else ""
        batches = self.evaluation.data.batches
        missing = f" for what is missing, {done} of {total} are there" if done else ""
        self._say(
            f"slice: {nodes} nodes and {points} recorded points, each over {self.run.meta['samples']} samples in "
            f"{batches} batch{'' if batches == 1 else 'es'}, {1e3 * self.seconds:.3g} ms a point: about {_clock(seconds)}{ranks}{missing}; "
            f"{self.out} grows meanwhile\n"
        )

    def _show(self, done: int, total: int, seconds_left: float) -> None:
        """A line that changes on a terminal, else a new one every half minute."""
        bar, now, end = sys.stderr.isatty(), time.monotonic(), done == total
        if end or now - self._drawn > (0.2 if bar else 30.0):
            self._drawn = now
            text = f"{done} of {total} points, {100 * done / total:.3g} %, " + (
                f"saved to {self.out}" if end else f"{_clock(seconds_left)} left"
            )
            self._say(f"\r{text:<60}" + ("\n" if end else "") if bar else text + "\n")

    def _say(self, text: str) -> None:
        if self.talks:
            print(text, end="", file=sys.stderr, flush=True)


def _exit(number: int, frame: Any) -> None:
    """What SIGTERM does, by which torchrun and schedulers end a process: an exception, so that what was computed is saved."""
    raise SystemExit(128 + number)


def _on_termination(action: Any, *instead_of: Any) -> None:
    """Set what SIGTERM does, if this may be set here and nobody else has."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) in instead_of:
        signal.signal(signal.SIGTERM, action)


def open_run(sweep: Sweep, overwrite: bool) -> None:
    """Time the first point, go on with the file that is there if it is of this very slice, and begin it if there is none."""
    run, ranks = sweep.run, sweep.ranks
    for _ in range(2):  # the first has what is compiled or allocated once
        began = time.monotonic()
        origin = sweep.at(0.0, 0.0)
        sweep.seconds = time.monotonic() - began
    shape = (run.v.size, run.u.size)
    run.loss = np.full(shape, np.nan)
    run.accuracy = None if math.isnan(origin[1]) else np.full(shape, np.nan)
    run.val_loss = None if math.isnan(origin[2]) else np.full(shape, np.nan)
    # What tells this slice from another of the same settings: the loss at the origin, and the plane's own numbers.
    vectors = (sweep.plane.origin, sweep.plane.u, sweep.plane.v)
    products = sweep.space.dots(vectors, vectors)[np.triu_indices(3)]
    run.meta["fingerprint"] = [float(x) if math.isfinite(x) else None for x in (origin[0], *products)]
    if sweep.out.is_dir():
        raise IsADirectoryError(f"{sweep.out} is a folder; expected the name of a file such as run.npz")
    if sweep.out.exists() and not overwrite:
        _go_on(run, sweep.out)
    ranks.barrier()
    if ranks.rank == 0:
        run.save(sweep.out)  # at once, so that a folder which cannot be written to is an error now


def _go_on(run: Run, out: Path) -> None:
    how = "name another file, or pass overwrite=True"
    try:
        before = load(out)
    except ValueError as error:
        raise FileExistsError(f"{error}; {how}") from error
    reasons = _differences(run, before)
    if reasons:
        raise FileExistsError(f"{out} holds another slice ({'; '.join(reasons)}); {how}")
    run.meta, run.u, run.v, run.loss, run.explained = before.meta, before.u, before.v, before.loss, before.explained
    run.accuracy, run.val_loss, run.paths = before.accuracy, before.val_loss, before.paths


def _differences(run: Run, before: Run) -> List[str]:
    mine, theirs = dict(run.meta), dict(before.meta)
    here, there = mine.pop("fingerprint"), theirs.pop("fingerprint", [])
    found = [
        f"{key} is {theirs.get(key)!r} there, {mine.get(key)!r} here" for key in {**mine, **theirs} if mine.get(key) != theirs.get(key)
    ]
    for key in ("u", "v"):
        a, b = getattr(run, key), getattr(before, key)
        if a.shape != b.shape or not np.allclose(a, b, rtol=1e-6, atol=1e-9 * np.abs(a).max()):
            found.append(f"{key} has {b.size} nodes from {b[0]:g} to {b[-1]:g} there, {a.size} from {a[0]:g} to {a[-1]:g} here")
    if {n: t.step.tolist() for n, t in run.paths.items()} != {n: t.step.tolist() for n, t in before.paths.items()}:
        found.append("it has other recorded points")
    if (run.accuracy is None, run.val_loss is None) != (before.accuracy is None, before.val_loss is None):
        found.append("it has other heights")
    if not found and not _close(here, there):
        found.append("the weights, the data or the loss have changed")
    return found


def _close(here: List[Optional[float]], there: List[Optional[float]]) -> bool:
    a, b = np.array(here, float), np.array(there, float)
    # Inner products of directions that are nearly perpendicular are rounding noise beside the others.
    return (
        a.shape == b.shape
        and bool(np.allclose(a[:1], b[:1], rtol=1e-6, equal_nan=True))
        and bool(np.allclose(a[1:], b[1:], rtol=1e-6, atol=1e-6 * np.nanmax(np.abs(a[1:])), equal_nan=True))
    )


def _clock(seconds: float) -> str:
    """A duration in words that a person can plan with."""
    if seconds < 100:
        return f"{max(0.0, seconds):.2g} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
