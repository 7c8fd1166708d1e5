#!/usr/bin/env bash
# Builds the wheel of python/, or takes one, installs it into a fresh virtual environment, and tries it there.
#
#   scripts/test-wheel.sh                    builds with the system's Rust (minutes; CARGO_TARGET_DIR spares compiling again)
#   scripts/test-wheel.sh dist/steepest.whl  tries this one
#
# PYTHON names the Python (default: python3). Building needs the network for maturin, installing for NumPy.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python="${PYTHON:-python3}"
folder="$(mktemp -d "${TMPDIR:-/tmp}/steepest-wheel-XXXXXX")"
trap 'rm -rf "$folder"' EXIT
say() { printf 'test-wheel: %s\n' "$*" >&2; }

"$python" -m venv "$folder/venv"
if [ -d "$folder/venv/Scripts" ]; then bin="$folder/venv/Scripts"; else bin="$folder/venv/bin"; fi

wheel="${1:-}"
if [ -z "$wheel" ]; then
    # On the PATH of maturin, too.
    export PATH="$PATH:$HOME/.cargo/bin"
    began=$SECONDS
    "$bin/python" -m pip --disable-pip-version-check wheel -q --no-deps ./python -w "$folder/wheels"
    wheel="$(ls "$folder"/wheels/steepest-*.whl)"
    say "built in $((SECONDS - began)) s"
    if [ -n "${WHEEL_DIR:-}" ]; then mkdir -p "$WHEEL_DIR" && cp "$wheel" "$WHEEL_DIR"; fi
fi
say "$(basename "$wheel"): $(($(wc -c <"$wheel") / 1000000)) MB"
"$bin/python" -m pip --disable-pip-version-check install -q "$wheel"

# As a user has it: in another folder, with nothing of the checkout in the environment.
cd "$folder"
unset STEEPEST_BIN PYTHONPATH
program="$bin/steepest"
"$program" list >listed.txt
grep -q race listed.txt
"$bin/python" - "$("$program" --version)" <<'PY'
import sys
from pathlib import Path

import numpy as np

import steepest

assert sys.argv[1].split()[-1] == steepest.__version__, f"{sys.argv[1]} in a package of version {steepest.__version__}"
assert (Path(steepest.__file__).parent / "py.typed").exists(), "the package says no types"
(panel,) = steepest.run("bowl")
(descent,) = panel.descents.values()
assert descent.loss[-1] < 0.01 * descent.loss[0] and np.isfinite(panel.loss).all()
axis = np.linspace(-1, 1, 5)
steepest.Run({"title": "bowl"}, axis, axis, np.add.outer(axis**2, axis**2)).save("bowl.npz")
assert steepest.load("bowl.npz").loss.shape == (5, 5)
PY
say "installed: program $(($(wc -c <"$program") / 1000000)) MB; it lists, and computes for Python"
