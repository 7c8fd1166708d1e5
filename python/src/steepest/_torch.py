"""PyTorch: modules, plain, in DistributedDataParallel, or sharded by FSDP, whose shards are never gathered."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Collection, Dict, Iterator, List, Optional

import numpy as np
import torch

from ._adapter import Part
from ._torch_norms import Norms, host, is_criterion, pair, place
from ._torch_shards import clean, is_sharded, local, part_of, reshard


class TorchModel(Norms):
    """The trainable parameters of a module; tied ones count once, frozen ones stay as they are."""

    filter_axis = 0

    def __init__(self, model: Any, names: Optional[Collection[str]] = None):
        while type(model).__name__ in ("DistributedDataParallel", "DataParallel"):
            model = model.module
        super().__init__(model)
        reshard(model)
        params = {clean(name): p for name, p in model.named_parameters()}
        self.params = {name: p for name, p in params.items() if (p.requires_grad if names is None else name in names)}
        bad = [f"`{name}` is {p.dtype}" for name, p in self.params.items() if not p.dtype.is_floating_point]
        if not self.params or bad:
            raise ValueError(f"trainable floating-point parameters are needed; {', '.join(bad) or 'found none'}")
        self.sharded, self.half = is_sharded(model), any(p.element_size() == 2 for p in self.params.values())

    def parts(self) -> List[Part]:
        return [part_of(name, p) for name, p in self.params.items()]

    def read(self) -> Dict[str, np.ndarray]:
        return {name: host(local(p)) for name, p in self.params.items()}

    @contextmanager
    def held(self, gradients: bool) -> Iterator[None]:
        modes = [(module, module.training) for module in self.model.modules()]
        tensors = [*self.model.buffers(), *(local(p) for p in self.params.values())]
        before = [tensor.clone() for tensor in tensors]
        try:
            self.model.eval()
            with torch.set_grad_enabled(gradients):
                yield
        finally:
            reshard(self.model)
            for tensor, value in zip(tensors, before):
                tensor.copy_(value)
            for module, mode in modes:
                module.training = mode

    def place(self, vector: Dict[str, np.ndarray]) -> Dict[str, torch.Tensor]:
        return {name: place(local(self.params[name]), values) for name, values in vector.items()}

    def move(self, terms: Any) -> None:
        reshard(self.model)
        for name in terms[0][1]:
            local(self.params[name]).copy_(sum(vector[name] * factor for factor, vector in terms))

    def leaf(self, value: Any) -> Any:
        p = local(next(iter(self.params.values())))
        if isinstance(value, np.ndarray):
            return torch.as_tensor(value, device=p.device, dtype=p.dtype if value.dtype.kind == "f" else None)
        return value.to(p.device) if hasattr(value, "to") else value

    def loss(self, loss_fn: Callable[..., Any], *batch: Any) -> Any:
        if is_criterion(loss_fn):
            inputs, target = pair(*batch)
            return loss_fn(self.model(inputs), target)
        return loss_fn(self.model, *batch)

    @contextmanager
    def seeded(self, seed: int) -> Iterator[None]:
        p = next(iter(self.params.values()))
        with torch.random.fork_rng([p.device] if p.is_cuda else []):
            torch.manual_seed(seed)
            yield
