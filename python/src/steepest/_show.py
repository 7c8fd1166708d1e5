"""Pictures, videos and pages of an experiment or a run file, which a notebook shows by itself."""

from __future__ import annotations

import base64
import html
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

from ._binary import Experiment, SteepestError, call, named
from ._runfile import Run

_KINDS = {"png": ("shot", ".png"), "mp4": ("record", ".mp4"), "gif": ("record", ".gif"), "html": ("export", ".html")}


@dataclass(frozen=True)
class Shown:
    """A picture, a video or a page. At the end of a notebook's cell it is shown inline.

    Attributes
    ----------
    kind : "png", "mp4", "gif" or "html".
    data : the file's bytes.
    height : of a page, in pixels.
    """

    kind: str
    data: bytes
    height: int = 600

    @property
    def png(self) -> Optional[bytes]:
        return self.data if self.kind == "png" else None

    def save(self, path: Union[str, Path]) -> Path:
        """Write the file."""
        Path(path).write_bytes(self.data)
        return Path(path)

    def _repr_png_(self) -> Optional[bytes]:
        return self.png

    def _repr_html_(self) -> Optional[str]:
        code = base64.b64encode(self.data).decode()
        if self.kind == "mp4":
            return f'<video controls loop style="max-width: 100%" src="data:video/mp4;base64,{code}"></video>'
        if self.kind == "gif":
            return f'<img style="max-width: 100%" src="data:image/gif;base64,{code}">'
        if self.kind == "html":
            page = html.escape(self.data.decode("utf-8", "replace"))
            return f'<iframe srcdoc="{page}" style="width: 100%; height: {self.height}px; border: 0"></iframe>'
        return None

    def __repr__(self) -> str:
        return f"<steepest {self.kind}, {len(self.data) / 1e3:.0f} kB>"


def show(
    experiment: Union[Experiment, Run], kind: str = "png", *, height: int = 600, binary: Union[None, str, Path] = None, **options: Any
) -> Shown:
    """Draw an experiment or a run.

    Parameters
    ----------
    experiment : str, Path, dict or Run
        A built-in's name, an experiment file, the text of one, its contents as a dict; a run file or a `Run`.
    kind : {"png", "mp4", "gif", "html"}
        A picture, a video, or a page to turn and scrub.
    height : int
        Of a page in the notebook, in pixels.
    **options
        Options of `steepest shot`, `record` or `export`: ``theme="paper"``, ``size=(800, 600)``, ``step=40``, ``view="top"``,
        ``seconds=6``. Scene, contours and loss plot are shown; ``layout="scene"`` is the scene alone, ``layout="full"`` the
        whole window.

    Examples
    --------
    >>> steepest.show("race", theme="paper")              # doctest: +SKIP
    >>> steepest.show("race", "mp4", seconds=6)           # doctest: +SKIP
    >>> steepest.show(steepest.load("run.npz"))           # doctest: +SKIP
    """
    if kind not in _KINDS:
        raise ValueError(f"kind is {kind!r}; expected {', '.join(map(repr, _KINDS))}")
    command, ending = _KINDS[kind]
    with named(experiment) as name, tempfile.TemporaryDirectory(prefix="steepest-") as folder:
        out = Path(folder) / f"shown{ending}"
        if kind != "html" and not options.get("no_ui"):
            options = {"layout": "scene+inset+plot", **options}  # no editors: nobody can click a picture
        try:
            call([command, name], {"output": out, **options}, binary)
        except SteepestError as error:
            if command == "export" and "Usage: steepest [OPTIONS] [EXPERIMENT]" in str(error):
                raise SteepestError(f"this version of the program has no `steepest {command}`, which {kind} needs") from error
            raise
        return Shown(kind, out.read_bytes(), height)
