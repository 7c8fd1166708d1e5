"""Safetensors and run files: what is written is read, nothing is a pickle, and broken files are messages."""

import io
import json
import zipfile

import numpy as np
import pytest
from conftest import framework

import steepest
from steepest import _safetensors


def a_run():
    track = steepest.Track(np.arange(3), np.zeros(3), np.ones(3), np.array([1.0, 2.0, np.nan]), np.zeros(3), rate=np.full(3, 0.1))
    meta = {"title": "Größe → 損失", "u": "a", "v": "b"}
    return steepest.Run(meta, np.linspace(0, 1, 4), np.linspace(0, 1, 3), np.full((3, 4), np.nan), paths={"a.b step": track})


def test_a_run_file_is_read_as_it_was_written(tmp_path):
    run = a_run()
    read = steepest.load(run.save(tmp_path / "my run.npz"))
    assert read.meta == run.meta
    assert repr(read) == "<Run 'Größe → 損失': 4×3 nodes, 0 % there; a.b step (3 points)>"
    np.testing.assert_array_equal(read.loss, run.loss)
    np.testing.assert_array_equal(read.paths["a.b step"].loss, run.paths["a.b step"].loss)
    assert read.paths["a.b step"].grad_norm is None


def test_a_run_file_is_that_of_the_interface(tmp_path):
    a_run().save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz", allow_pickle=False) as archive:
        assert archive["meta"].dtype == np.uint8
        assert json.loads(archive["meta"].tobytes())["steepest-run"] == 1
        assert archive["loss"].shape == (3, 4) and archive["loss"].dtype == np.float64
        paths = {f"path.a.b step.{key}" for key in ("step", "u", "v", "loss", "residual", "rate")}
        assert set(archive.files) == {"meta", "u", "v", "loss"} | paths


def test_the_same_run_is_the_same_bytes(tmp_path):
    assert a_run().save(tmp_path / "a.npz").read_bytes() == a_run().save(tmp_path / "b.npz").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npz", "b.npz"]


def npz(**arrays):
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


META = np.frombuffer(b'{"steepest-run": 1}', np.uint8)
GOOD = {"meta": META, "u": np.zeros(2), "v": np.zeros(3), "loss": np.zeros((3, 2))}


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "no run file"),
        (b"hello", "no run file"),
        (npz(**GOOD)[:200], "no run file"),
        (npz(u=np.zeros(2)), "`meta` is missing"),
        (npz(**{**GOOD, "meta": np.frombuffer(b"{", np.uint8)}), "no run file"),
        (npz(**{**GOOD, "meta": np.frombuffer(b"[]", np.uint8)}), "steepest-run"),
        (npz(**{**GOOD, "loss": np.zeros((2, 3))}), r"`loss` has shape \(2, 3\); v and u make it \(3, 2\)"),
        (npz(**GOOD, **{"path.a.step": np.zeros(2)}), "path.a.u"),
        (npz(**{**GOOD, "u": np.array([{}, []], object)}), "no run file"),  # a pickle, which is never opened
    ],
)
def test_what_is_no_run_file_is_said(tmp_path, content, says):
    path = tmp_path / "run.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=says) as error:
        steepest.load(path)
    assert "run.npz" in str(error.value)


def test_no_member_has_a_date(tmp_path):
    with zipfile.ZipFile(a_run().save(tmp_path / "run.npz")) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "i4", "u1", "?"])
def test_tensors_are_read_as_they_were_written(tmp_path, dtype):
    tensors = {"a b": np.arange(6).reshape(2, 3).astype(dtype), "ü": np.zeros((0, 4), dtype), "s": np.array(1, dtype)}
    _safetensors.write(tmp_path / "x", tensors, {"k": "v"})
    read, metadata = _safetensors.read(tmp_path / "x")
    assert metadata == {"k": "v"}
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(read[name], tensor)
        assert read[name].shape == tensor.shape and read[name].dtype == tensor.dtype


def test_a_transposed_tensor_is_written_in_c_order(tmp_path):
    _safetensors.write(tmp_path / "x", {"a": np.arange(6.0).reshape(2, 3).T}, {})
    np.testing.assert_array_equal(_safetensors.read(tmp_path / "x")[0]["a"], np.arange(6.0).reshape(2, 3).T)


def test_bfloat16_is_read_as_float32(tmp_path):
    header = b'{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}'
    (tmp_path / "x").write_bytes(len(header).to_bytes(8, "little") + header + bytes.fromhex("803f20c0"))
    np.testing.assert_array_equal(_safetensors.read(tmp_path / "x")[0]["a"], np.array([1.0, -2.5], np.float32))


@pytest.mark.parametrize("content", [b"", b"\xff" * 20, b"\x02" + b"\0" * 7 + b"{]", b"\x09" + b"\0" * 7 + b'{"a": 1 }', b"\0" * 8])
def test_broken_tensors_are_said(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ValueError, match="no whole safetensors file"):
        _safetensors.read(tmp_path / "x")


def test_safetensors_own_library_reads_the_file(tmp_path):
    library = framework("safetensors.numpy")
    tensors = {"a": np.arange(6.0).reshape(2, 3), "b": np.ones(3, np.float16)}
    _safetensors.write(tmp_path / "x", tensors, {"step": "1"})
    for name, tensor in library.load_file(tmp_path / "x").items():
        np.testing.assert_array_equal(tensor, tensors[name])
