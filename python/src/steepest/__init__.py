"""See how optimizers move on loss surfaces: your own training runs, and what the program `steepest` computes and draws.

`Recorder` takes snapshots beside a training loop, `slice` computes the loss over a plane through them into a run file,
`show` draws it. `run`, `map` and `sweep` return what the program computes as arrays.
"""

from ._binary import SteepestError
from ._commands import Descent, Map, Panel, map, run, sweep
from ._ranks import RankError
from ._recorder import Recorder
from ._recording import Recording
from ._runfile import Run, Track, load
from ._show import Shown, show
from ._slice import slice

__version__ = "0.1.0"
__all__ = [
    "Descent", "Map", "Panel", "RankError", "Recorder", "Recording", "Run", "Shown", "SteepestError", "Track",
    "load", "map", "run", "show", "slice", "sweep",
]  # fmt: skip
