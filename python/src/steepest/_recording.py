"""A recording on disk: its snapshots, read in pieces of any range and from any number of shards, and its log."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple, Union

import numpy as np

from . import _safetensors
from ._adapter import Part, Vector

LOG = "log.jsonl"
_NAME = re.compile(r"step-(\d+)(?:\.rank-(\d+)-of-(\d+))?\.safetensors")


def snapshot_name(step: int, rank: int = 0, size: int = 1) -> str:
    """The file of a snapshot, or of a rank's shard of it."""
    return f"step-{step:09}{f'.rank-{rank}-of-{size}' if size > 1 else ''}.safetensors"


def snapshots_in(folder: Path) -> Dict[int, List[Path]]:
    """The files of every step, in order."""
    found: Dict[int, List[Path]] = {}
    for path in sorted(folder.iterdir()):
        match = _NAME.fullmatch(path.name)
        if match:
            found.setdefault(int(match[1]), []).append(path)
    return dict(sorted(found.items()))


def log_lines(folder: Path) -> List[Dict[str, Any]]:
    """The log's lines; one that was cut short by a kill is left out."""
    lines = []
    path = folder / LOG
    for text in path.read_text("utf-8").splitlines() if path.exists() else []:
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict) and isinstance(line.get("step"), int):
            lines.append(line)
    return lines


class Recording:
    """What a Recorder wrote.

    Attributes
    ----------
    name : the folder's name.
    steps : the recorded steps, ascending; those whose parameters are not finite are left out.
    diverged : how many were left out for that.
    parts : the parameters, whole, in the order of the model.
    """

    def __init__(self, folder: Union[str, Path]):
        self.folder = Path(folder)
        self.name = self.folder.resolve().name
        if not self.folder.is_dir():
            raise FileNotFoundError(f"there is no folder {self.folder}; a Recorder makes one, and every rank must see it")
        files = snapshots_in(self.folder)
        if not files:
            raise FileNotFoundError(f"{self.folder} holds no snapshots (step-*.safetensors); found {_listing(self.folder)}")
        self._snapshots: Dict[int, List[Tuple[Dict[str, np.ndarray], Dict[str, Any]]]] = {}
        self.diverged = 0
        for step, paths in files.items():
            shards = [_open(path) for path in paths]
            if len(shards) != int(shards[0][1]["ranks"]):
                continue  # the training ended while shards were being written
            if all(meta["finite"] == "true" for _, meta in shards):
                self._snapshots[step] = shards
            else:
                self.diverged += 1
        self.steps = list(self._snapshots)
        if not self.steps:
            raise ValueError(f"no snapshot in {self.folder} is whole and finite")
        shapes = [
            {name: tuple(entry[0]) for _, meta in shards for name, entry in meta["ranges"].items()} for shards in self._snapshots.values()
        ]
        odd = next((step for step, other in zip(self.steps, shapes) if other != shapes[0]), None)
        if odd is not None:
            raise ValueError(f"{self.folder}: step {odd} has other parameters than step {self.steps[0]}: two models were recorded here")
        self.parts = [Part(name, shape, 0, int(np.prod(shape, dtype=int))) for name, shape in shapes[0].items()]

    def read(self, step: int, name: str, start: int, stop: int) -> np.ndarray:
        """Elements `start` to `stop` of a parameter at a step, flat, in double precision."""
        out = np.empty(stop - start)
        have = 0
        for tensors, meta in self._snapshots[step]:
            if name in tensors:
                _, first, last = meta["ranges"][name]
                a, b = max(start, first), min(stop, last)
                if a < b:
                    out[a - start : b - start] = tensors[name].reshape(-1)[a - first : b - first]
                    have += b - a
        if have != stop - start:
            raise ValueError(f"{self.folder}: step {step} holds {have} of the elements {start} to {stop} of `{name}`")
        return out

    def point(self, step: int, parts: List[Part]) -> Vector:
        """The pieces `parts` of all parameters at a step."""
        return {part.name: self.read(step, part.name, part.start, part.stop) for part in parts}

    def statistics(self, step: int) -> Vector:
        """The running statistics of BatchNorm at a step."""
        return {name: np.array(tensors[name]) for tensors, meta in self._snapshots[step] for name in meta["statistics"]}

    def logged(self, key: str) -> Optional[np.ndarray]:
        """A number of the log at every recorded step, NaN where it is missing; None if it was never logged."""
        lines = [(line["step"], line.get(key)) for line in log_lines(self.folder)]
        firsts = [(step, value[0] if isinstance(value, list) and value else value) for step, value in lines]
        values = {step: value for step, value in firsts if isinstance(value, (int, float))}
        return np.array([values.get(step, np.nan) for step in self.steps], float) if values else None


def _open(path: Path) -> Tuple[Dict[str, np.ndarray], Dict[str, Any]]:
    tensors, metadata = _safetensors.read(path)
    meta: Dict[str, Any] = dict(metadata)
    try:
        meta.update({key: json.loads(metadata[key]) for key in ("ranges", "statistics")})
        int(meta["ranks"]), meta["finite"]
    except (KeyError, ValueError) as error:
        raise ValueError(f"{path} was not written by a Recorder: {error}") from error
    return tensors, meta


def _listing(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir())
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "") if names else "nothing"
