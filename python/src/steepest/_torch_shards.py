"""Which elements of a PyTorch parameter this process holds."""

from __future__ import annotations

from typing import Any

import torch

from ._adapter import Part

_WRAPPERS = ("_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.")


def clean(name: str) -> str:
    """A parameter's name without what wrappers (torch.compile, FSDP, checkpointing) put into it."""
    for wrapper in _WRAPPERS:
        name = name.replace(wrapper, "")
    return name


def is_sharded(model: torch.nn.Module) -> bool:
    return any(hasattr(p, "to_local") for p in model.parameters())


def reshard(model: torch.nn.Module) -> None:
    """Let go of what FSDP gathered for a forward pass; the next one would compute with it instead of the shards."""
    module: Any
    for module in model.modules():
        if type(module).__name__ == "FullyShardedDataParallel":
            raise ValueError("the model is sharded by FSDP 1, whose flat parameters have no shape; expected fully_shard (FSDP 2)")
        if hasattr(module, "reshard") and hasattr(module, "unshard"):
            module.reshard()


def local(p: Any) -> torch.Tensor:
    """The piece that this process holds: a view, so that writing to it changes the parameter."""
    piece: torch.Tensor = p.detach().to_local() if hasattr(p, "to_local") else p.detach()
    return piece


def part_of(name: str, p: Any) -> Part:
    """The flat range of `p` that is here: everything, or a DTensor's rows."""
    if not hasattr(p, "to_local"):
        return Part(name, tuple(p.shape), 0, p.numel())
    if len(p.placements) != 1 or not p.placements[0].is_shard(0):
        raise ValueError(f"`{name}` is placed as {p.placements}; expected sharding of dimension 0 over a mesh of one dimension")
    # Rows are shared out as torch.chunk does.
    rows = -(-p.shape[0] // p.device_mesh.size())
    row = p.numel() // max(1, p.shape[0])
    start = min(p.shape[0], rows * p.device_mesh.get_local_rank()) * row
    return Part(name, tuple(p.shape), start, start + local(p).numel())
