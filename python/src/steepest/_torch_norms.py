"""PyTorch tensors to the host and back; the running statistics of normalisation layers: read, set, measured afresh."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Dict, Iterator, Mapping

import numpy as np
import torch

from ._torch_shards import clean

_KEYS = ("running_mean", "running_var")


def host(tensor: torch.Tensor) -> np.ndarray:
    """A flat copy on the host; bfloat16, which NumPy lacks, becomes float32."""
    wide = tensor.detach().float() if tensor.dtype == torch.bfloat16 else tensor.detach()
    return wide.to("cpu", copy=True).numpy().ravel()


def place(p: torch.Tensor, values: np.ndarray) -> torch.Tensor:
    """Values of the shape and on the device of `p`, in single precision or better."""
    kind = torch.float64 if p.dtype == torch.float64 else torch.float32
    return torch.tensor(values, dtype=kind, device=p.device).view(p.shape)


def is_criterion(loss_fn: Any) -> bool:
    """Whether it takes outputs and targets: a module such as CrossEntropyLoss(), or a function of torch.nn.functional."""
    return isinstance(loss_fn, torch.nn.Module) or getattr(loss_fn, "__module__", None) == "torch.nn.functional"


def pair(*batch: Any) -> Any:
    """The inputs and the target of a batch for a criterion."""
    if len(batch) == 1 and isinstance(batch[0], (tuple, list)) and len(batch[0]) == 2:
        return batch[0]
    found = f"a {type(batch[0]).__name__}" if batch else "none"
    raise TypeError(f"a criterion needs batches (inputs, target); found {found}. Expected them, or a loss_fn(model, batch) of your own")


class Norms:
    """A module's layers that keep a running mean and variance (BatchNorm and its kin)."""

    def __init__(self, model: torch.nn.Module):
        self.model = model
        modules = model.named_modules()
        self.norms = {clean(name): m for name, m in modules if getattr(m, "running_mean", None) is not None}

    def statistics(self) -> Dict[str, np.ndarray]:
        return {f"{name}.{key}": host(getattr(m, key)) for name, m in self.norms.items() for key in _KEYS}

    def set_statistics(self, statistics: Mapping[str, np.ndarray]) -> None:
        for name, m in self.norms.items():
            for key in _KEYS:
                if f"{name}.{key}" in statistics:
                    getattr(m, key).copy_(torch.tensor(statistics[f"{name}.{key}"]))

    @contextmanager
    def recalibrating(self) -> Iterator[None]:
        """Forward passes within measure the plain mean of the batches' statistics."""
        if not self.norms:
            raise ValueError('bn="recalibrate" was asked for, but the model has no layer with running statistics')
        before: Dict[str, Any] = {name: m.momentum for name, m in self.norms.items()}
        try:
            for m in self.norms.values():
                m.reset_running_stats()
                m.momentum = None
                m.training = True
            yield
        finally:
            for name, m in self.norms.items():
                m.momentum = before[name]
                m.training = False
