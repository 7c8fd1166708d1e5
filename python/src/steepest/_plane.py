"""Planes through parameter space, laid without ever holding more than a few vectors, or a shard of each.

Sums over parameters are taken piece by piece over the pieces that a process has, and then over the processes; only these
sums (entries of Gram matrices) travel.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

import numpy as np

from ._adapter import Part, Vector
from ._ranks import Ranks
from ._recording import Recording

Point = Tuple[Recording, int]
"""A recording, and one of its steps."""
_ELEMENTS = 1 << 22
"""Elements of all points together that a piece has: 32 MiB."""


class Space:
    """The parameters in pieces: this process's shard of each, or its share of the work on whole ones."""

    def __init__(self, parts: Sequence[Part], ranks: Ranks, sharded: bool):
        self.parts, self.ranks, self.sharded = list(parts), ranks, sharded

    def pieces(self, points: int = 1) -> Iterator[Tuple[Part, int, int]]:
        """Ranges of elements that together are everything once, over all ranks."""
        size = max(4096, _ELEMENTS // max(1, points))
        number = 0
        for part in self.parts:
            if self.sharded and part.is_whole and self.ranks.rank > 0:
                continue  # not sharded itself: rank 0 counts it
            for start in range(part.start, part.stop, size):
                number += 1
                if self.sharded or number % self.ranks.size == self.ranks.rank:
                    yield part, start, min(start + size, part.stop)

    def sum(self, count: Any, term: Callable[[Part, int, int], Any], points: int = 1) -> np.ndarray:
        """Sum `term` over all pieces of all ranks; it has shape `count`."""
        total = np.zeros(count)
        for part, start, stop in self.pieces(points):
            total += term(part, start, stop)
        return self.ranks.sum(total)

    def dots(self, a: Sequence[Vector], b: Sequence[Vector]) -> np.ndarray:
        """All inner products, shape (len(a), len(b))."""

        def term(part: Part, start: int, stop: int) -> np.ndarray:
            products: np.ndarray = _rows(a, part, start, stop) @ _rows(b, part, start, stop).T
            return products

        return self.sum((len(a), len(b)), term, len(a) + len(b))

    def combine(self, function: Callable[..., np.ndarray], *vectors: Vector) -> Vector:
        """A vector whose pieces are a function of those of others."""
        return {part.name: function(*(vector[part.name] for vector in vectors)) for part in self.parts}


@dataclass
class Plane:
    """All points origin + x·u + y·v.

    Attributes
    ----------
    origin, u, v : vectors in parameter space, in double precision.
    labels : what the axes are called.
    metric : inner products of u and v, shape (2, 2).
    explained : fractions of the squared distances from the origin, for principal components.
    about : how the plane was laid, for the file.
    """

    origin: Vector
    u: Vector
    v: Vector
    labels: Tuple[str, str]
    metric: np.ndarray
    about: Dict[str, Any]
    explained: Optional[np.ndarray] = None


def laid(space: Space, origin: Vector, u: Vector, v: Vector, labels: Tuple[str, str], about: Dict[str, Any]) -> Plane:
    """A plane of two directions, which need be neither unit vectors nor orthogonal, but independent."""
    metric = space.dots([u, v], [u, v])
    det = metric[0, 0] * metric[1, 1] - metric[0, 1] ** 2
    if not np.isfinite(metric).all() or not det > 1e-20 * metric[0, 0] * metric[1, 1]:
        raise ValueError(f"the directions span no plane: their lengths are {metric[0, 0] ** 0.5:g} and {metric[1, 1] ** 0.5:g}")
    return Plane(origin, u, v, labels, metric, about)


def principal(space: Space, points: Sequence[Point], origin: Vector) -> Plane:
    """The plane through `origin` nearest to all points: the first two right singular vectors of their differences from it.

    They are found from the T×T Gram matrix of the T differences, summed tensor by tensor: memory is that of three
    vectors, not of T (Li et al. 2018, "Visualizing the Loss Landscape of Neural Nets", section 7, has the plane).
    """

    def differences(part: Part, start: int, stop: int) -> np.ndarray:
        rows = [recording.read(step, part.name, start, stop) for recording, step in points]
        return np.stack(rows) - origin[part.name][start - part.start : stop - part.start]

    def term(part: Part, start: int, stop: int) -> np.ndarray:
        rows = differences(part, start, stop)
        products: np.ndarray = rows @ rows.T
        return products

    n = len(points)
    gram = space.sum((n, n), term, n)
    values, vectors = np.linalg.eigh((gram + gram.T) / 2)
    values, vectors = values[::-1].clip(0), vectors[:, ::-1]
    if n < 3 or not values[1] > 1e-14 * values[0]:
        different = "fewer than three" if n < 3 else "all on a line"
        raise ValueError(
            f'plane="pca" needs three recorded points that are not on a line; found {n}, {different}. Record more often, or '
            'take plane="random"'
        )
    for k in range(2):
        vectors[:, k] *= np.sign(vectors[np.abs(vectors[:, k]).argmax(), k])
    weights = space.ranks.broadcast(vectors[:, :2] / np.sqrt(values[:2]))
    u, v = {}, {}
    size = max(4096, _ELEMENTS // n)
    for part in space.parts:
        u[part.name], v[part.name] = np.empty(part.stop - part.start), np.empty(part.stop - part.start)
        for start in range(part.start, part.stop, size):
            stop = min(start + size, part.stop)
            here = np.s_[start - part.start : stop - part.start]
            u[part.name][here], v[part.name][here] = weights.T @ differences(part, start, stop)
    u, v = orthonormal(space, u, v)
    explained = values[: min(n, 10)] / values.sum()
    labels = [f"PC {k + 1} ({100 * explained[k]:.3g} %)" for k in range(2)]
    plane = laid(space, origin, u, v, (labels[0], labels[1]), {"plane": "pca"})
    plane.explained = explained
    return plane


def orthonormal(space: Space, u: Vector, v: Vector) -> Tuple[Vector, Vector]:
    """Unit vectors along `u` and along what of `v` is perpendicular to it (Gram–Schmidt, twice for the last digits)."""
    for _ in range(2):
        uu, uv = space.dots([u], [u, v])[0]
        v = space.combine(lambda a, b: b - (uv / uu if uu else 0.0) * a, u, v)
    (uu,), (vv,) = space.dots([u], [u])[0], space.dots([v], [v])[0]
    if not (uu > 0 and vv > 1e-24 * uu):
        raise ValueError("the directions span no plane: they are parallel, or one is zero")
    return space.combine(lambda a: a / uu**0.5, u), space.combine(lambda b: b / vv**0.5, v)


def through_ends(space: Space, points: Sequence[Point]) -> Plane:
    """The plane through three points: u from the first to the second, v perpendicular to it towards the third.

    Coordinates are distances (Garipov et al. 2018, "Loss Surfaces, Mode Connectivity", appendix A.1).
    """
    a, b, c = (recording.point(step, space.parts) for recording, step in points)
    u, v = orthonormal(space, space.combine(np.subtract, b, a), space.combine(np.subtract, c, a))
    first, second, third = (recording.name for recording, _ in points)
    return laid(space, a, u, v, (f"from {first} to {second}", f"towards {third}"), {"plane": "ends"})


def filter_normalised(space: Space, origin: Vector, seed: int, axis: int, biases: bool) -> Plane:
    """Two random directions, each neuron's or filter's part as long as its weights (Li et al. 2018, section 4).

    Biases and the parameters of normalisation layers (one dimension) are as long as they are as a whole, or with
    `biases=False` stay as they are. The numbers depend on the seed and on the parameters' names, not on how they are sharded.
    """
    directions: List[Vector] = [{}, {}]
    lines = [part for part in space.parts if len(part.shape) < 2]
    for k, direction in enumerate(directions):
        for part in space.parts:
            noise = _noise(part, seed, k)
            direction[part.name] = noise if len(part.shape) < 2 else _as_filters(part, noise, origin[part.name], axis)
    lengths = np.zeros((len(lines), 3))
    whole = {part.name: i for i, part in enumerate(lines)}
    for part, start, stop in space.pieces():
        if part.name in whole:
            here = np.s_[start - part.start : stop - part.start]
            vectors = (origin, *directions)
            lengths[whole[part.name]] += [np.square(vector[part.name][here]).sum() for vector in vectors]
    lengths = np.sqrt(space.ranks.sum(lengths))
    for part, (length, *noises) in zip(lines, lengths):
        for direction, noise in zip(directions, noises):
            direction[part.name] *= length / noise if biases and noise > 0 else 0.0
    about = {"plane": "random", "seed": seed, "biases": biases}
    labels = ("random direction 1", "random direction 2")
    return laid(space, origin, directions[0], directions[1], labels, about)


def _noise(part: Part, seed: int, k: int) -> np.ndarray:
    """Normal numbers for the elements of a part, drawn in blocks, so that a shard need not draw everything before it."""
    block = 1 << 16
    drawn = [
        np.random.default_rng([seed, k, zlib.crc32(part.name.encode()), number]).standard_normal(block)
        for number in range(part.start // block, -(-part.stop // block))
    ]
    first = part.start // block * block
    return np.concatenate(drawn)[part.start - first : part.stop - first] if drawn else np.empty(0)


def _as_filters(part: Part, noise: np.ndarray, weights: np.ndarray, axis: int) -> np.ndarray:
    axis %= len(part.shape)
    if axis != 0 and not part.is_whole:
        raise ValueError(f"`{part.name}` is sharded along dimension 0, and its filters are counted along {axis}; expected filter_axis=0")
    rows = max(1, part.size // max(1, part.shape[0]))
    shape = ((part.stop - part.start) // rows, *part.shape[1:])
    others = tuple(i for i in range(len(shape)) if i != axis)
    noise, weights = noise.reshape(shape), weights.reshape(shape)
    length = np.sqrt(np.square(noise).sum(others, keepdims=True))
    target = np.sqrt(np.square(weights).sum(others, keepdims=True))
    normalised: np.ndarray = noise * np.divide(target, length, out=np.zeros_like(length), where=length > 0)
    return normalised.ravel()


def given(space: Space, origin: Vector, directions: Any) -> Plane:
    """Two directions as they were given, neither normalised nor made orthogonal."""
    try:
        u, v = directions
    except (TypeError, ValueError):
        raise ValueError(f"the plane's directions are a {type(directions).__name__}; expected two of them, (u, v)") from None
    about = {"plane": "given"}
    return laid(space, origin, _vector(space, u, "u"), _vector(space, v, "v"), ("u", "v"), about)


def _vector(space: Space, direction: Any, which: str) -> Vector:
    total = sum(part.size for part in space.parts)
    if isinstance(direction, Mapping):
        pieces = dict(direction)
    elif isinstance(direction, (list, tuple)) and len(direction) == len(space.parts):
        pieces = {part.name: piece for part, piece in zip(space.parts, direction)}
    else:
        flat = _array(direction)
        if flat.shape != (total,):
            raise ValueError(f"direction {which} has shape {flat.shape}; expected {(total,)}, or a dict of arrays by parameter name")
        ends = np.cumsum([part.size for part in space.parts])
        pieces = dict(zip([part.name for part in space.parts], np.split(flat, ends[:-1])))
    unknown = sorted(set(pieces) - {part.name for part in space.parts})
    if unknown:
        raise ValueError(f"direction {which} has `{unknown[0]}`; the parameters are {', '.join(part.name for part in space.parts)}")
    vector = {}
    for part in space.parts:
        piece = _array(pieces.get(part.name, np.zeros(part.shape)))
        if piece.size != part.size:
            raise ValueError(f"direction {which} has shape {piece.shape} for `{part.name}`; expected {part.shape}")
        vector[part.name] = piece.ravel()[part.start : part.stop]
    return vector


def _array(value: Any) -> np.ndarray:
    value = value.detach().cpu().double() if hasattr(value, "detach") else value
    return np.asarray(value, np.float64)


def projected(space: Space, plane: Plane, recording: Recording) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coordinates of a recording's points on the plane and their distances from it, each of shape (n,)."""
    n = len(recording.steps)

    def differences(part: Part, start: int, stop: int) -> np.ndarray:
        rows = np.stack([recording.read(step, part.name, start, stop) for step in recording.steps])
        return rows - plane.origin[part.name][start - part.start : stop - part.start]

    def dots(part: Part, start: int, stop: int) -> Any:
        return differences(part, start, stop) @ _rows([plane.u, plane.v], part, start, stop).T

    where = np.linalg.solve(plane.metric, space.sum((n, 2), dots, n).T).T

    def squares(part: Part, start: int, stop: int) -> Any:
        return np.square(differences(part, start, stop) - where @ _rows([plane.u, plane.v], part, start, stop)).sum(1)

    # From the differences themselves: ‖d‖² − ‖projection‖² would lose half of the digits near the plane.
    return where[:, 0].copy(), where[:, 1].copy(), np.sqrt(space.sum(n, squares, n))


def _rows(vectors: Sequence[Vector], part: Part, start: int, stop: int) -> np.ndarray:
    return np.stack([vector[part.name][start - part.start : stop - part.start] for vector in vectors])
