"""Tensors in a file: the format of safetensors, written and read with NumPy alone.

Eight bytes with the length of a JSON header, the header, then the tensors' bytes, little-endian and in C order
(https://huggingface.co/docs/safetensors). Nothing in it can be executed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Dict, Mapping, Tuple

import numpy as np

_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U8": "|u1", "BOOL": "|b1", "BF16": "<u2",
}  # fmt: skip
_NAMES = {np.dtype(code): name for name, code in _DTYPES.items() if name != "BF16"}


def write(path: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> int:
    """Write `tensors` whole or not at all, and return the number of bytes written."""
    header: Dict[str, object] = {"__metadata__": dict(metadata)}
    offset = 0
    for name, tensor in tensors.items():
        if tensor.dtype.newbyteorder("<") not in _NAMES:
            raise TypeError(f"tensor `{name}` has type {tensor.dtype}, which safetensors has no name for")
        kind = _NAMES[tensor.dtype.newbyteorder("<")]
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [offset, offset + tensor.nbytes]}
        offset += tensor.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # so that the tensors begin aligned
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            file.write(np.ascontiguousarray(tensor, tensor.dtype.newbyteorder("<")).data)
    os.replace(part, path)
    return 8 + len(text) + offset


def read(path: Path) -> Tuple[Dict[str, np.ndarray], Dict[str, str]]:
    """Map the tensors of a file into memory, and return them with its metadata; bfloat16 becomes float32."""
    try:
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 0 < length <= os.path.getsize(path) - 8:
                raise ValueError(f"its header would have {length} bytes")
            header = json.loads(file.read(length))
        metadata = header.pop("__metadata__", {})
        data = np.memmap(path, np.uint8, "r", offset=8 + length) if header else np.empty(0, np.uint8)
        tensors = {}
        for name, entry in header.items():
            start, stop = entry["data_offsets"]
            tensor = data[start:stop].view(_DTYPES[entry["dtype"]]).reshape(entry["shape"])
            if entry["dtype"] == "BF16":
                tensor = (tensor.astype("<u4") << 16).view("<f4")
            tensors[name] = tensor
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no whole safetensors file: {error}") from error
    return tensors, metadata
