"""JAX: a pytree of arrays, as Flax, Haiku, Equinox and plain JAX have their parameters."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Collection, Dict, Iterator, List, Optional

import jax
import jax.numpy as jnp
import numpy as np

from ._adapter import Part


class JaxModel:
    """The floating-point arrays of a pytree; other leaves (functions, counters) stay as they are."""

    sharded = False
    filter_axis = -1  # kernels are (…, in, out)

    def __init__(self, model: Any, names: Optional[Collection[str]] = None):
        leaves, self._tree = jax.tree_util.tree_flatten_with_path(model)
        self._names, self._leaves = [_name(path) for path, _ in leaves], [leaf for _, leaf in leaves]
        self.params: Dict[str, Any] = {
            name: leaf
            for name, leaf in zip(self._names, self._leaves)
            if isinstance(leaf, (jax.Array, np.ndarray)) and jnp.issubdtype(leaf.dtype, jnp.floating)
            if names is None or name in names
        }
        if not self.params:
            raise ValueError("the pytree has no floating-point arrays")
        self.half = any(p.dtype.itemsize == 2 for p in self.params.values())

    @property
    def model(self) -> Any:
        """The pytree with the parameters as they are now."""
        leaves = [self.params.get(name, leaf) for name, leaf in zip(self._names, self._leaves)]
        return jax.tree_util.tree_unflatten(self._tree, leaves)

    def parts(self) -> List[Part]:
        return [Part(name, tuple(p.shape), 0, p.size) for name, p in self.params.items()]

    def read(self) -> Dict[str, np.ndarray]:
        wide = {name: p.astype(jnp.float32) if p.dtype == jnp.bfloat16 else p for name, p in self.params.items()}
        return {name: np.array(p).ravel() for name, p in wide.items()}

    def statistics(self) -> Dict[str, np.ndarray]:
        return {}

    def set_statistics(self, statistics: Any) -> None:
        pass

    @contextmanager
    def held(self, gradients: bool) -> Iterator[None]:
        yield  # arrays are never changed in place

    def place(self, vector: Dict[str, np.ndarray]) -> Dict[str, Any]:
        return {name: jnp.asarray(values).reshape(self.params[name].shape) for name, values in vector.items()}

    def move(self, terms: Any) -> None:
        for name in terms[0][1]:
            self.params[name] = sum(vector[name] * factor for factor, vector in terms).astype(self.params[name].dtype)

    def leaf(self, value: Any) -> Any:
        return jnp.asarray(value) if isinstance(value, np.ndarray) else value

    def loss(self, loss_fn: Callable[..., Any], *batch: Any) -> Any:
        return loss_fn(self.model, *batch)

    @contextmanager
    def seeded(self, seed: int) -> Iterator[None]:
        yield  # random keys are loss_fn's own

    def recalibrating(self) -> Any:
        raise ValueError('bn="recalibrate" needs the BatchNorm layers of a PyTorch module')


def _name(path: Any) -> str:
    keys = [next((getattr(k, a) for a in ("key", "idx", "name") if hasattr(k, a)), k) for k in path]
    return ".".join(map(str, keys)) or "params"
