"""Calling the program: found, missing, right and wrong."""

import json
import re
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import steepest
from steepest import _binary, _toml


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A program that writes its arguments to the file it was asked for."""
    path = tmp_path / "a folder" / "steepest"
    path.parent.mkdir()
    path.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        "out = next(a.split('=', 1)[1] for a in sys.argv if a.startswith('--output='))\n"
        "text = open(sys.argv[2]).read() if sys.argv[2].endswith('.toml') else ''\n"
        "open(out, 'w').write(json.dumps([sys.argv[1:], text]))\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("STEEPEST_BIN", str(path))
    return path


def test_package_and_program_have_one_version():
    manifest = (Path(__file__).parents[2] / "Cargo.toml").read_text(encoding="utf-8")
    assert re.search(r'^version = "(.+)"', manifest, re.M).group(1) == steepest.__version__


def test_options_are_those_of_the_command_line(fake):
    shown = steepest.show("race", theme="paper", size=(640, 360), no_ui=True, transparent=False, view="-0.5,0.3")
    arguments, _ = json.loads(shown.data)
    assert arguments[:2] == ["shot", "race"] and "--transparent" not in arguments
    assert {"--theme=paper", "--size=640x360", "--no-ui", "--view=-0.5,0.3"} <= set(arguments)


def test_a_dict_is_an_experiment(fake):
    shown = steepest.show({"title": 'a "b"\n√', "panel": [{"formula": "x^2", "domain": [[-1, 1]], "descent": [{"rate": np.float64(0.1)}]}]})
    text = json.loads(shown.data)[1]
    if sys.version_info >= (3, 11):
        import tomllib

        table = tomllib.loads(text)
        assert table == {"steepest": 1, "title": 'a "b"\n√', "panel": [{"formula": "x^2", "domain": [[-1, 1]], "descent": [{"rate": 0.1}]}]}


def test_what_no_experiment_can_have_is_said():
    with pytest.raises(TypeError, match=r"panel\[0\].start is a object"):
        _toml.dumps({"panel": [{"start": object()}]})
    with pytest.raises(TypeError, match="the experiment is a int"):
        steepest.show(3)
    with pytest.raises(ValueError, match="kind is 'jpg'; expected 'png'"):
        steepest.show("race", "jpg")


def test_a_missing_program_is_said_with_the_remedy(monkeypatch, tmp_path):
    monkeypatch.delenv("STEEPEST_BIN", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(_binary.sysconfig, "get_path", lambda *_: str(tmp_path))
    with pytest.raises(FileNotFoundError, match="cargo install.*STEEPEST_BIN or binary="):
        steepest.run("race")
    monkeypatch.setenv("STEEPEST_BIN", "/nowhere/steepest")
    with pytest.raises(FileNotFoundError, match="STEEPEST_BIN is '/nowhere/steepest', where no program is"):
        steepest.run("race")


def test_notebooks_show_pictures_videos_and_pages():
    assert steepest.Shown("png", b"abc")._repr_png_() == b"abc" and steepest.Shown("png", b"abc")._repr_html_() is None
    assert steepest.Shown("mp4", b"abc")._repr_html_().startswith("<video") and steepest.Shown("mp4", b"abc")._repr_png_() is None
    assert 'srcdoc="&lt;p class=&quot;a&quot;&gt;"' in steepest.Shown("html", b'<p class="a">')._repr_html_()


def test_a_run_is_arrays(program):
    (panel,) = steepest.run("rosenbrock", binary=program)[:1]
    assert panel.loss.shape == (panel.y.size, panel.x.size)
    for name, descent in panel.descents.items():
        assert descent.name == name and len(descent.path) == len(descent.loss) and descent.path.shape[1] == 2


def test_an_experiment_of_ones_own_runs_and_errors_are_the_programs(program):
    descent = {"rule": "gd", "rate": 0.1, "start": [1.0], "steps": 10}
    (panel,) = steepest.run({"panel": [{"formula": "x^2", "domain": [[-2, 2]], "descent": [descent]}]}, binary=program)
    (descent,) = panel.descents.values()
    np.testing.assert_allclose(descent.path[:, 0], 0.8 ** np.arange(11))
    with pytest.raises(steepest.SteepestError, match="objectiv"):
        steepest.run({"panel": [{"objectiv": "rosenbrock"}]}, binary=program)


def test_a_map_is_arrays(program):
    outcome = steepest.map("race", descent="Momentum", grid=(20, 10), steps=50, binary=program)
    assert outcome.minimum.shape == (10, 20) and outcome.status.dtype == np.uint8 and outcome.minima.shape[1] == 2


def test_a_sweep_is_an_array(program):
    assert steepest.sweep(grid=(5, 4), data="synthetic", binary=program).shape == (4, 5)


def test_the_program_opens_what_slice_writes(program, opens_runs, recorded, tmp_path):
    network, folder = recorded
    file = tmp_path / "my run.npz"
    run = steepest.slice(folder, network.params, network.loss, (network.x, network.y), grid=(9, 7), out=file, progress=False)
    done = subprocess.run([program, "run", str(file), "--format", "json"], capture_output=True, text=True, check=True)
    (panel,) = json.loads(done.stdout)["panels"]
    (descent,) = panel["descents"]
    (name,) = run.paths
    assert descent["name"] == name
    np.testing.assert_allclose(descent["path"], np.stack([run.paths[name].u, run.paths[name].v], 1))
    np.testing.assert_allclose(descent["loss"], run.paths[name].loss)
    picture = steepest.show(run, size=(640, 360), binary=program)
    assert picture.png.startswith(b"\x89PNG") and len(picture.png) > 10_000
    in_place = steepest.show(file, size=(640, 360), binary=program)
    assert in_place.png == picture.png


def test_the_program_opens_a_run_that_is_not_finished(program, opens_runs, tmp_path):
    grid = np.add.outer(np.linspace(-1, 1, 9) ** 2, 3 * np.linspace(-1, 1, 11) ** 2)
    grid[::2, 1::2] = np.nan
    grid[0, 0] = np.inf
    file = steepest.Run({"title": "half"}, np.linspace(-1, 1, 11), np.linspace(-1, 1, 9), grid).save(tmp_path / "half.npz")
    subprocess.run([program, "check", str(file)], capture_output=True, check=True)
    assert steepest.show(file, size=(640, 360), binary=program).png.startswith(b"\x89PNG")
