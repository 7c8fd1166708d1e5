"""The program `steepest`: where it is, and calling it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, List, Mapping, Optional, Union

import numpy as np

from ._toml import dumps

Experiment = Union[str, Path, Mapping[str, Any]]
"""A built-in's name, a file's path, the text of a file, or its contents as a dict."""


class SteepestError(RuntimeError):
    """The program said no; the message is its own."""


def find(binary: Union[None, str, Path] = None) -> str:
    """Find the program: the argument, else STEEPEST_BIN, else beside this Python, else on the PATH."""
    for source, value in (("binary", binary), ("STEEPEST_BIN", os.environ.get("STEEPEST_BIN"))):
        if value:
            found = shutil.which(str(value))
            if found is None:
                raise FileNotFoundError(f"{source} is {str(value)!r}, where no program is")
            return found
    found = shutil.which("steepest", path=_scripts()) or shutil.which("steepest")
    if found is None:
        raise FileNotFoundError(
            "the program `steepest` was not found. `pip install steepest` brings it, `cargo install --path .` in a checkout of the "
            "project builds it; then have it on the PATH, or name it by STEEPEST_BIN or binary="
        )
    return found


def _scripts() -> str:
    """Where pip puts commands: this environment's folder, then the user's."""
    return os.pathsep.join([sysconfig.get_path("scripts"), sysconfig.get_path("scripts", f"{os.name}_user")])


def call(arguments: List[str], options: Mapping[str, Any], binary: Union[None, str, Path] = None) -> str:
    """Run the program, and return what it said on stderr.

    Options are those of the command line: `theme="paper"` is `--theme paper`, `no_ui=True` is `--no-ui`, `size=(640, 360)` is
    `--size 640x360`.
    """
    command = [find(binary), *arguments]
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        text = "x".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
        # In one word, so that a value may begin with a minus.
        command.append(flag if value is True else f"{flag}={text}")
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", errors="replace")
    if done.returncode != 0:
        raise SteepestError(done.stderr.strip() or f"{command[0]} ended with code {done.returncode}")
    return done.stderr


@contextmanager
def named(experiment: Any, folder: Optional[Path] = None) -> Iterator[str]:
    """The experiment as the command line takes it; what is no file becomes one for the time being."""
    from ._runfile import Run

    with tempfile.TemporaryDirectory(prefix="steepest-") as temporary:
        if isinstance(experiment, Mapping):
            text: Optional[str] = dumps({"steepest": 1, **experiment})
        elif isinstance(experiment, Run):
            yield str(experiment.save(Path(temporary) / "run.npz") if experiment.file is None else experiment.file)
            return
        elif isinstance(experiment, (str, os.PathLike)):
            text = str(experiment) if "\n" in str(experiment) else None
        else:
            raise TypeError(f"the experiment is a {type(experiment).__name__}; expected a name, a path, its text, a dict or a Run")
        if text is None:
            yield str(experiment)
        else:
            path = Path(temporary) / "experiment.toml"
            path.write_text(text, encoding="utf-8")
            yield str(path)


def read(path: Path) -> Mapping[str, np.ndarray]:
    """The arrays of an archive, never a pickle."""
    with np.load(path, allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}
