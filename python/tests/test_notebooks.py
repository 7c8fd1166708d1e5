"""The lessons run from the first cell to the last, and draw what they say they draw."""

import json
import os
from pathlib import Path

import pytest
from conftest import framework

import steepest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def test_there_is_a_notebook_for_each_lesson_without_outputs():
    assert len(NOTEBOOKS) == 6
    for path in NOTEBOOKS:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            assert not cell.get("outputs") and cell.get("execution_count") is None, f"{path.name}: clear its outputs"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, tmp_path, program, request, monkeypatch):
    nbformat, nbclient = framework("nbformat"), framework("nbclient")
    framework("ipykernel")
    book = nbformat.read(path, as_version=4)
    if any("import torch" in cell.source for cell in book.cells):
        framework("torch")
        request.getfixturevalue("opens_runs")
    sources = [str(Path(steepest.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sources))
    monkeypatch.setenv("STEEPEST_BIN", program)
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    nbclient.NotebookClient(book, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    for cell in book.cells:
        if cell.cell_type == "code" and cell.source.splitlines()[-1].startswith("show("):
            kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
            assert kinds & {"image/png", "text/html"}, f"no picture of `{cell.source.splitlines()[-1]}`"
