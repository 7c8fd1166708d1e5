"""What the package asks of a model, whichever framework it is of, and the adapter of plain NumPy arrays.

Parameters travel as flat pieces: a name, the tensor's whole shape, and the range of its elements, counted in C order,
that this process holds. For a model that is not sharded the range is everything.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any, Callable, Collection, Dict, Iterator, List, Mapping, Optional, Protocol, Sequence, Tuple

import numpy as np

Vector = Dict[str, np.ndarray]
"""Flat arrays by parameter name: this process's pieces of a point or a direction in parameter space."""


@dataclass(frozen=True)
class Part:
    """The elements `start` to `stop` of the parameter `name` of shape `shape`, flattened in C order."""

    name: str
    shape: Tuple[int, ...]
    start: int
    stop: int

    @property
    def size(self) -> int:
        """Elements of the whole tensor."""
        return prod(self.shape)

    @property
    def is_whole(self) -> bool:
        return self.stop - self.start == self.size


class Adapter(Protocol):
    """A model of some framework.

    Attributes
    ----------
    sharded : whether every process holds only pieces of the parameters.
    filter_axis : the axis of a weight along which its neurons or filters are counted.
    half : whether parameters are in half precision.
    """

    sharded: bool
    filter_axis: int
    half: bool

    def parts(self) -> List[Part]:
        """What this process holds of the trainable parameters."""

    def read(self) -> Vector:
        """Copies of them on the host, each of shape (stop - start,)."""

    def statistics(self) -> Vector:
        """Copies of the running statistics of normalisation layers."""

    def held(self, gradients: bool) -> Any:
        """A context in which the model is evaluated; parameters, statistics and modes are as before at its end."""

    def place(self, vector: Vector) -> Any:
        """The vector where the model computes."""

    def move(self, terms: Sequence[Tuple[float, Any]]) -> None:
        """Set the parameters to the sum of coefficients times placed vectors."""

    def set_statistics(self, statistics: Vector) -> None:
        """Set running statistics read before."""

    def leaf(self, value: Any) -> Any:
        """An array of a batch where the model computes."""

    def loss(self, loss_fn: Callable[..., Any], *batch: Any) -> Any:
        """What `loss_fn` says of the model, on a batch if there is one."""

    def seeded(self, seed: int) -> Any:
        """A context in which the framework's random numbers begin from `seed`."""

    def recalibrating(self) -> Any:
        """A context in which forward passes measure the running statistics afresh."""


def adapt(model: Any, names: Optional[Collection[str]] = None) -> Adapter:
    """Find the adapter of a model: a PyTorch module, a pytree of JAX arrays, or a dict of NumPy arrays.

    `names` are the parameters wanted; without them those of a module that are trainable now, or every floating-point array.
    """
    torch, jax = sys.modules.get("torch"), sys.modules.get("jax")
    if torch is not None and isinstance(model, torch.nn.Module):
        from ._torch import TorchModel

        return TorchModel(model, names)
    if jax is not None and any(isinstance(leaf, jax.Array) for leaf in jax.tree_util.tree_leaves(model)):
        from ._jax import JaxModel

        return JaxModel(model)
    if isinstance(model, Mapping) and model and all(isinstance(value, np.ndarray) for value in model.values()):
        return ArrayModel(model)
    raise TypeError(f"the model is a {describe(model)}; expected a torch.nn.Module, a pytree of JAX arrays, or a dict of NumPy arrays")


def describe(value: Any) -> str:
    """What a value is, for messages."""
    kind = f"{type(value).__module__}.{type(value).__qualname__}".replace("builtins.", "")
    if isinstance(value, Mapping):
        inside = {type(entry).__name__ for entry in value.values()}
        return f"{kind} of {' and '.join(sorted(inside)) or 'nothing'}"
    return kind


class ArrayModel:
    """A dict of floating-point NumPy arrays, changed in place."""

    sharded = False
    filter_axis = 0

    def __init__(self, model: Mapping[str, np.ndarray]):
        self.model = model
        self.half = any(array.itemsize == 2 for array in model.values())
        for name, array in model.items():
            if array.dtype.kind != "f":
                raise TypeError(f"array `{name}` has type {array.dtype}; expected floating point")
            if not array.flags.writeable:
                raise ValueError(f"array `{name}` is read-only")

    def parts(self) -> List[Part]:
        return [Part(name, array.shape, 0, array.size) for name, array in self.model.items()]

    def read(self) -> Vector:
        return {name: array.flatten() for name, array in self.model.items()}

    def statistics(self) -> Vector:
        return {}

    @contextmanager
    def held(self, gradients: bool) -> Iterator[None]:
        before = self.read()
        try:
            yield
        finally:
            for name, array in self.model.items():
                array[...] = before[name].reshape(array.shape)

    def place(self, vector: Vector) -> Vector:
        return vector

    def move(self, terms: Sequence[Tuple[float, Vector]]) -> None:
        for name in terms[0][1]:
            array = self.model[name]
            array[...] = np.reshape(sum(factor * vector[name] for factor, vector in terms), array.shape)

    def set_statistics(self, statistics: Vector) -> None:
        pass

    def leaf(self, value: Any) -> Any:
        return value

    def loss(self, loss_fn: Callable[..., Any], *batch: Any) -> Any:
        return loss_fn(self.model, *batch)

    @contextmanager
    def seeded(self, seed: int) -> Iterator[None]:
        before = np.random.get_state()
        np.random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(before)

    def recalibrating(self) -> Any:
        raise ValueError('bn="recalibrate" needs the BatchNorm layers of a PyTorch module')
