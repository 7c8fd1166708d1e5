"""The processes that share a slice: one, or those that torchrun started."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from typing import Any, Iterator

import numpy as np


class RankError(RuntimeError):
    """Another process of the group has died or failed."""


class Ranks:
    """One process alone: sums are what they are."""

    rank = 0
    size = 1

    def sum(self, values: np.ndarray) -> np.ndarray:
        """The sum over all ranks, the same at each."""
        return values

    def broadcast(self, values: np.ndarray) -> np.ndarray:
        """Rank 0's values."""
        return values

    def barrier(self) -> None:
        self.sum(np.zeros(1))


class TorchRanks(Ranks):
    """torch.distributed, on gloo or NCCL. Only losses and Gram entries travel, in double precision."""

    def __init__(self, distributed: Any):
        import torch

        self._torch, self._distributed = torch, distributed
        self.rank, self.size = distributed.get_rank(), distributed.get_world_size()
        on_gpu = distributed.get_backend() == "nccl"
        self._device = torch.device("cuda", torch.cuda.current_device()) if on_gpu else torch.device("cpu")

    def sum(self, values: np.ndarray) -> np.ndarray:
        return self._exchange(self._distributed.all_reduce, values)

    def broadcast(self, values: np.ndarray) -> np.ndarray:
        return self._exchange(lambda tensor: self._distributed.broadcast(tensor, 0), values)

    def _exchange(self, collective: Any, values: np.ndarray) -> np.ndarray:
        array = np.array(values, np.float64)
        try:
            tensor = self._torch.from_numpy(array.ravel()).to(self._device)
            collective(tensor)
            return tensor.cpu().numpy().reshape(array.shape)
        except RuntimeError as error:
            where = f"rank {self.rank} of {self.size} on {socket.gethostname()}"
            raise RankError(f"{where} lost the others: one has died or hangs ({str(error).splitlines()[0]})") from error


def world() -> "tuple[int, int]":
    """Rank and number of processes as torch.distributed or torchrun's environment has them, without asking anybody."""
    distributed = _distributed()
    if distributed is not None and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    started = all(key in os.environ for key in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"))
    return (int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])) if started else (0, 1)


@contextmanager
def ranks() -> Iterator[Ranks]:
    """The group of processes; opened with gloo, and closed again, where torchrun's script opened none."""
    if world()[1] == 1:
        yield Ranks()
        return
    distributed = _distributed()
    if distributed is None:
        raise RuntimeError("WORLD_SIZE says that there are several processes, but torch.distributed cannot be imported")
    opened = not distributed.is_initialized()
    if opened:
        distributed.init_process_group("gloo")
    try:
        yield TorchRanks(distributed)
    finally:
        if opened:
            distributed.destroy_process_group()


def _distributed() -> Any:
    """torch.distributed where torch is loaded or several processes were started, else None."""
    import sys

    if "torch" not in sys.modules and "WORLD_SIZE" not in os.environ:
        return None
    try:
        import torch.distributed as distributed
    except ImportError:
        return None
    return distributed if distributed.is_available() else None
