"""Experiments as TOML: every table but the outermost is written inline, which the format allows."""

from __future__ import annotations

import json
import re
from typing import Any, Mapping

import numpy as np


def dumps(table: Mapping[str, Any]) -> str:
    """A table as the text of a file. Keys whose value is None are left out."""
    return "".join(f"{_key(key)} = {_value(value, str(key))}\n" for key, value in table.items() if value is not None)


def _value(value: Any, where: str) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return repr(float(value))  # inf and nan are TOML's words, too
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v, f'{where}.{k}')}" for k, v in value.items() if v is not None) + " }"
    if isinstance(value, (list, tuple, np.ndarray)):
        return "[" + ", ".join(_value(entry, f"{where}[{i}]") for i, entry in enumerate(value)) + "]"
    raise TypeError(f"{where} is a {type(value).__name__}; expected a number, text, a list or a dict")


def _key(key: Any) -> str:
    return str(key) if re.fullmatch(r"[A-Za-z0-9_-]+", str(key)) else json.dumps(str(key), ensure_ascii=False)
