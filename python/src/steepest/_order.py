"""The order in which a grid is computed: coarse first, then halving the distances."""

from __future__ import annotations

from typing import List, Tuple

import numpy as np


def coarse_to_fine(nx: int, ny: int, first: int = 5) -> List[List[Tuple[int, int]]]:
    """Every node (row, column) of an ny×nx grid once, in levels; the first has `first` nodes a side or a few more.

    The borders belong to every level, so that a picture has its whole extent from the beginning.
    """
    strides = [_stride(n, first) for n in (nx, ny)]
    stride = max(strides)
    levels = []
    done = np.zeros((ny, nx), bool)
    while stride >= 1:
        columns, rows = (_every(n, min(stride, own)) for n, own in zip((nx, ny), strides))
        level = [(int(j), int(i)) for j in rows for i in columns if not done[j, i]]
        done[np.ix_(rows, columns)] = True
        if level:
            levels.append(level)
        stride //= 2
    return levels


def _stride(n: int, first: int) -> int:
    stride = 1
    while (n - 1) // (2 * stride) + 1 >= first:
        stride *= 2
    return stride


def _every(n: int, stride: int) -> np.ndarray:
    return np.unique([*range(0, n, stride), n - 1])
