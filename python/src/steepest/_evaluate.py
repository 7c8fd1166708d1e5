"""The loss of a model over all of the data, the same way at every point: same batches, same mode, same random numbers."""

from __future__ import annotations

import inspect
import math
from typing import Any, Callable, Iterator, List, Mapping, Optional, Tuple

import numpy as np

from ._adapter import Adapter, describe
from ._ranks import Ranks

Batches = List[Tuple[Tuple[Any, ...], int]]
"""Arguments of `loss_fn` after the model, and how many samples they are."""


class Data:
    """Batches to evaluate on, read once and kept, or read again at every point.

    A tuple, a dict or an array is a whole data set, cut into batches along the first axis; anything else that can be
    iterated over (a list, a DataLoader) has batches in it.
    """

    def __init__(self, adapter: Adapter, data: Any, batch_size: Optional[int], limit: Optional[int], cache: bool, which: str):
        for name, value in (("batch_size", batch_size), ("batches", limit)):
            if value is not None and not (isinstance(value, (int, np.integer)) and value >= 1):
                raise ValueError(f"{name} is {value!r}; expected a whole number, 1 or more")
        self._adapter, self._limit = adapter, limit
        if data is None:
            self._source: Any = [()]
        elif isinstance(data, (tuple, Mapping)) or len(getattr(data, "shape", ())) > 0:
            self._source = _Cut(data, batch_size, which)
        elif batch_size is not None:
            raise ValueError(f"batch_size is for {which} given as arrays; a {describe(data)} has batches of its own")
        elif not hasattr(data, "__iter__") and not hasattr(data, "__getitem__"):
            raise TypeError(f"{which} is a {describe(data)}; expected batches, or arrays, or a tuple or dict of them")
        else:
            self._source = _Batches(data)
        if not cache and iter(getattr(data, "__iter__", lambda: ())()) is data:
            raise ValueError(f"{which} is an iterator, which can be read only once; expected cache=True or something to iterate over again")
        self._kept = list(self._read()) if cache else None
        counts = [n for _, n in self._kept or self._read()]
        self.batches, self.samples = len(counts), sum(counts)
        if not counts:
            raise ValueError(f"{which} has no batches, or only empty ones")

    def __iter__(self) -> Iterator[Tuple[Tuple[Any, ...], int]]:
        return iter(self._kept) if self._kept is not None else self._read()

    def _read(self) -> Iterator[Tuple[Tuple[Any, ...], int]]:
        with self._adapter.seeded(0):
            for number, arguments in enumerate(self._source):
                if self._limit is not None and number >= self._limit:
                    return
                arguments = tuple(tree(argument, self._adapter.leaf) for argument in arguments)
                samples = count(arguments[0]) if arguments else None
                if samples != 0:
                    yield arguments, 1 if samples is None else samples


class _Batches:
    def __init__(self, data: Any):
        self.data = data

    def __iter__(self) -> Iterator[Tuple[Any]]:
        return ((batch,) for batch in self.data)


class _Cut:
    def __init__(self, data: Any, batch_size: Optional[int], which: str):
        lengths: List[int] = []
        tree(data, lambda leaf: lengths.append(len(leaf)))
        if not lengths:
            raise ValueError(f"{which} has no arrays")
        if len(set(lengths)) != 1:
            raise ValueError(f"the arrays of {which} have {lengths} samples; expected the same number of each")
        self.data, self.length = data, lengths[0]
        self.size = batch_size or max(1, self.length)

    def __iter__(self) -> Iterator[Tuple[Any]]:
        for start in range(0, self.length, self.size):
            yield (tree(self.data, lambda leaf: leaf[start : start + self.size]),)


def tree(value: Any, leaf: Callable[[Any], Any]) -> Any:
    """A batch with `leaf` of every array in its tuples, lists and dicts."""
    if isinstance(value, Mapping) and not hasattr(value, "to"):
        return {key: tree(inside, leaf) for key, inside in value.items()}
    if isinstance(value, (tuple, list)):
        inside = [tree(entry, leaf) for entry in value]
        return type(value)(*inside) if hasattr(value, "_fields") else type(value)(inside)
    return leaf(value)


def count(batch: Any) -> Optional[int]:
    """Samples in a batch: the length of the first array in it, or None if there is none."""
    if len(getattr(batch, "shape", ())) > 0:
        return int(batch.shape[0])
    inside = batch.values() if isinstance(batch, Mapping) else batch if isinstance(batch, (tuple, list)) else ()
    return next((n for n in map(count, inside) if n is not None), None)


class Evaluation:
    """Loss, accuracy and validation loss of the model as it stands."""

    def __init__(self, adapter: Adapter, loss_fn: Callable[..., Any], data: Data, val: Optional[Data], bn: str, ranks: Optional[Ranks]):
        self.adapter, self.loss_fn, self.data, self.val, self.bn = adapter, loss_fn, data, val, bn
        self._called = False
        self.ranks = ranks
        """Those that have other batches of the same data, if any do."""

    def __call__(self, only_loss: bool = False) -> np.ndarray:
        """Shape (3,): loss, accuracy, validation loss; NaN for what there is none of, inf for what is not finite."""
        if self.bn == "recalibrate":
            with self.adapter.recalibrating():
                self._means(self.data)
            if self.ranks is not None:
                local = self.adapter.statistics()
                self.adapter.set_statistics({name: self.ranks.sum(value) / self.ranks.size for name, value in local.items()})
        loss, accuracy = self._means(self.data)
        val_loss = math.nan
        if self.val is not None and not only_loss:
            val_loss, accuracy = self._means(self.val)
        return np.array([loss, accuracy, val_loss])

    def _means(self, data: Data) -> Tuple[float, float]:
        results = []
        with self.adapter.seeded(0):
            for arguments, samples in data:
                results.append((*_parts(self._call(arguments)), samples))
        # Only now are numbers looked at: a GPU has all batches queued.
        losses = [(_number(loss), samples) for loss, _, samples in results]
        accuracies = [(_number(accuracy), samples) for _, accuracy, samples in results if accuracy is not None]
        sums = np.array([*_sum(losses), *_sum(accuracies)])
        if self.ranks is not None:
            sums = self.ranks.sum(sums)
        loss = sums[0] / sums[1]
        return (loss if math.isfinite(loss) else math.inf), (sums[2] / sums[3] if sums[3] else math.nan)

    def _call(self, arguments: Tuple[Any, ...]) -> Any:
        if not self._called and not isinstance(self.loss_fn, type):
            self._called = True
            wanted = ("model", "batch")[: 1 + len(arguments)]
            try:
                inspect.signature(self.loss_fn).bind(*wanted)
            except TypeError as error:
                how = f"loss_fn({', '.join(wanted)})"
                raise TypeError(f"loss_fn is called as {how}, and cannot be: {error}") from None
            except ValueError:
                pass  # a built-in without a signature
        return self.adapter.loss(self.loss_fn, *arguments)


def _sum(values: List[Tuple[float, int]]) -> Tuple[float, int]:
    finite = all(math.isfinite(value) for value, _ in values)
    return (math.fsum(value * n for value, n in values) if finite else math.inf), sum(n for _, n in values)


def _parts(result: Any) -> Tuple[Any, Any]:
    if isinstance(result, Mapping):
        if "loss" not in result:
            raise TypeError(
                f"loss_fn returned a dict with {', '.join(map(str, result)) or 'nothing'}; expected `loss`, and perhaps `accuracy`"
            )
        return _detached(result["loss"]), _detached(result.get("accuracy"))
    return _detached(result), None


def _detached(value: Any) -> Any:
    return value.detach() if hasattr(value, "detach") else value


def _number(value: Any) -> float:
    shape = tuple(getattr(value, "shape", ()))
    try:
        if math.prod(shape) != 1:
            raise TypeError
        return float(value)
    except (TypeError, ValueError):
        found = f"an array of shape {shape}" if shape else f"a {describe(value)}"
        raise TypeError(
            f"loss_fn returned {found}; expected a number, the batch's mean loss, or a dict with `loss` and `accuracy`"
        ) from None
