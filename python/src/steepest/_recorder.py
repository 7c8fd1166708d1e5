"""Snapshots of a model's parameters beside a training loop."""

from __future__ import annotations

import atexit
import json
import time
import warnings
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple, Union

import numpy as np

from . import _safetensors
from ._adapter import adapt
from ._ranks import world
from ._recording import LOG, log_lines, snapshot_name, snapshots_in


class Recorder:
    """Snapshots every few steps of a training, and a log of its numbers.

    The start is recorded at once, then every `every`-th step, then where the training ended. A snapshot is copied in
    the loop and written beside it. Recorded are the trainable parameters and the running statistics of BatchNorm;
    bfloat16 is stored as float32. In a distributed training every rank makes a Recorder: rank 0 writes, or where FSDP
    shards the model every rank its own shards. Trouble while the training runs (a full disk) is a warning, never an error.

    Parameters
    ----------
    folder : str or Path
        Where `step-*.safetensors` and `log.jsonl` go.
    model : torch.nn.Module, pytree of JAX arrays, or dict of NumPy arrays
        The model as it is before the first step.
    every : int
        Optimizer steps between two snapshots.
    exist : {"error", "overwrite", "resume"}
        What to do if `folder` holds a recording: refuse, remove it, or go on counting after its last step.
    quiet : bool
        Say nothing of the cost at the end.

    Attributes
    ----------
    steps : int
        Optimizer steps taken.
    cost : dict
        `seconds` spent in the recorder, `seconds_per_step`, `share` of the loop's time (0.01 is 1 %), `snapshots`, `bytes`.

    Examples
    --------
    >>> with steepest.Recorder("run/", model, every=50) as recorder:   # doctest: +SKIP
    ...     for x, y in loader:
    ...         loss = train_step(model, x, y)
    ...         recorder.step(loss=loss, rate=scheduler.get_last_lr()[0])
    """

    def __init__(self, folder: Union[str, Path], model: Any, every: int = 50, *, exist: str = "error", quiet: bool = False):
        if isinstance(every, bool) or not isinstance(every, (int, np.integer)) or every < 1:
            raise ValueError(f"every is {every!r}; expected a whole number of steps, 1 or more")
        if exist not in ("error", "overwrite", "resume"):
            raise ValueError(f'exist is {exist!r}; expected "error", "overwrite" or "resume"')
        self.folder, self.every, self.steps = Path(folder), int(every), 0
        self._model, self._quiet, self._closed = model, quiet, False
        adapter = adapt(model)
        self._names = [part.name for part in adapter.parts()]
        rank, size = world()
        self._shard = (rank, size) if adapter.sharded else (0, 1)
        self._writes = adapter.sharded or rank == 0
        self._rank = rank
        self._last: Optional[int] = None
        self._lines: List[Tuple[int, Dict[str, Any]]] = []
        self._pending: Optional[Future[int]] = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="steepest-recorder")
        self._began: Optional[float] = None
        self._spent, self._ended, self._count, self._bytes = 0.0, 0.0, 0, 0
        if not self._writes:
            return
        self._open(exist)
        if self._last is None:
            self._snapshot()
            self._finish()  # at once, so that a folder which cannot be written to is an error here
        # A loop that is interrupted before close() still has its end.
        atexit.register(_close, weakref.ref(self))

    def _open(self, exist: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        rank, size = self._shard
        # Other ranks may have begun in the same folder: theirs are not counted, what another number of ranks left is.
        others = {snapshot_name(0, other, size)[14:] for other in range(size) if other != rank} if size > 1 else set()
        if rank > 0:
            others.add(snapshot_name(0)[14:])
        found = {step: [p for p in paths if p.name[14:] not in others] for step, paths in snapshots_in(self.folder).items()}
        found = {step: paths for step, paths in found.items() if paths}
        if found and exist == "error":
            raise FileExistsError(
                f'{self.folder} holds a recording of {len(found)} snapshots; name another folder, or pass exist="overwrite" '
                'to begin anew, or exist="resume" to go on with it'
            )
        if exist == "overwrite":
            for path in [path for paths in found.values() for path in paths]:
                path.unlink(missing_ok=True)
            if self._rank == 0 and (self.folder / LOG).exists():
                (self.folder / LOG).unlink()
        elif found:
            self.steps = self._last = max([*found, *(line["step"] for line in log_lines(self.folder))])

    def step(self, model: Any = None, *, loss: Any = None, rate: Any = None, step: Optional[int] = None, **numbers: Any) -> None:
        """Count an optimizer step, after it was taken; record it if it is due.

        Parameters
        ----------
        model : pytree, optional
            The parameters now; needed where arrays are never changed in place (JAX).
        loss, rate : float or scalar array, optional
            The loss of this step's batch and the learning rate, for the log; of several rates the first is shown.
        step : int, optional
            The number of steps taken, where the loop counts itself.
        **numbers
            Further numbers of the log; `grad_norm` and `sharpness` are shown along the path.
        """
        now = time.perf_counter()
        self._began = now if self._began is None else self._began
        self.steps = self.steps + 1 if step is None else int(step)
        if model is not None:
            self._model = model
        if self._writes and not self._closed:
            numbers = {key: value for key, value in {"loss": loss, "rate": rate, **numbers}.items() if value is not None}
            if numbers:
                # Numbers are looked at when a snapshot is due: until then a GPU need not be waited for.
                self._lines.append((self.steps, {key: _detached(value) for key, value in numbers.items()}))
            if self.steps % self.every == 0:
                self._try(self._snapshot)
        self._ended = time.perf_counter()
        self._spent += self._ended - now

    def close(self) -> None:
        """Record where the training ended, wait until all is written, and say what recording cost."""
        if self._closed or not self._writes:
            return
        if self._last != self.steps:
            self._try(self._snapshot)
        self._try(self._finish)
        self._try(self._log)
        self._closed = True
        self._pool.shutdown()
        cost = self.cost
        if not self._quiet and self._rank == 0:
            print(
                f"{self.folder}: {cost['snapshots']} snapshots of {self.steps} steps, {cost['bytes'] / 1e6:.1f} MB; recording took "
                f"{1e3 * cost['seconds_per_step']:.3g} ms a step, {100 * cost['share']:.2g} % of the loop"
            )

    @property
    def cost(self) -> Dict[str, float]:
        elapsed = self._ended - self._began if self._began is not None else 0.0
        return {
            "seconds": self._spent,
            "seconds_per_step": self._spent / max(1, self.steps),
            "share": self._spent / elapsed if elapsed > 0 else 0.0,
            "snapshots": self._count,
            "bytes": self._bytes,
        }

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def _try(self, action: Any) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001 (the training is worth more than its record)
            warnings.warn(f"steepest records no longer: {type(error).__name__}: {error}", RuntimeWarning, stacklevel=4)
            self._closed = True

    def _snapshot(self) -> None:
        adapter = adapt(self._model)
        parts = {part.name: part for part in adapter.parts()}
        if list(parts) != self._names:
            changed = sorted(set(parts) ^ set(self._names))
            raise ValueError(f"the trainable parameters have changed since the start: {', '.join(changed[:5]) or 'their order'}")
        tensors, ranges = {}, {}
        for name, values in adapter.read().items():
            part = parts[name]
            if part.is_whole and self._shard[0] > 0:
                continue  # rank 0 has it
            tensors[name] = values.reshape(part.shape) if part.is_whole else values
            ranges[name] = [list(part.shape), part.start, part.stop]
        statistics = adapter.statistics() if self._shard[0] == 0 else {}
        metadata = {
            "steepest-recording": "1",
            "step": str(self.steps),
            "ranks": str(self._shard[1]),
            "ranges": json.dumps(ranges),
            "statistics": json.dumps(list(statistics)),
            "filter_axis": str(adapter.filter_axis),
        }
        path = self.folder / snapshot_name(self.steps, *self._shard)
        self._finish()
        self._log()
        self._last = self.steps
        try:
            self._pending = self._pool.submit(_write, path, {**tensors, **statistics}, metadata)
        except RuntimeError:  # the interpreter is ending
            self._bytes, self._count = self._bytes + _write(path, {**tensors, **statistics}, metadata), self._count + 1

    def _finish(self) -> None:
        """Wait for the snapshot that is being written."""
        pending, self._pending = self._pending, None
        if pending is not None:
            self._bytes, self._count = self._bytes + pending.result(), self._count + 1

    def _log(self) -> None:
        lines, self._lines = self._lines, []
        if lines and self._rank == 0:
            text = [json.dumps({"step": step, **{key: _number(key, value) for key, value in line.items()}}) for step, line in lines]
            with open(self.folder / LOG, "a", encoding="utf-8") as file:
                file.write("\n".join(text) + "\n")


def _write(path: Path, tensors: Dict[str, np.ndarray], metadata: Dict[str, str]) -> int:
    finite = all(np.isfinite(tensor.sum(dtype=np.float64)) for tensor in tensors.values())
    return _safetensors.write(path, tensors, {**metadata, "finite": str(finite).lower()})


def _detached(value: Any) -> Any:
    return value.detach() if hasattr(value, "detach") else value


def _number(key: str, value: Any) -> Any:
    """A number for JSON, which has no word for NaN or infinity, or a list of them, as the rates of parameter groups are."""
    if isinstance(value, (list, tuple)):
        return [_number(key, entry) for entry in value]
    try:
        number = float(value)
    except (TypeError, ValueError, RuntimeError):
        found = f"{type(value).__name__} of shape {tuple(value.shape)}" if hasattr(value, "shape") else type(value).__name__
        warnings.warn(f"`{key}` is not logged: it is a {found}; expected a number or an array of one", RuntimeWarning, stacklevel=2)
        return None
    return number if np.isfinite(number) else None


def _close(recorder: "weakref.ref[Recorder]") -> None:
    alive = recorder()
    if alive is not None:
        alive.close()
