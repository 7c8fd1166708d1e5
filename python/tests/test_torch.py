"""PyTorch: what is recorded, what is left as it was, BatchNorm, frozen and tied parameters, half precision."""

import json
import warnings

import numpy as np
import pytest
from conftest import framework

import steepest

torch = framework("torch")
nn = torch.nn


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def data(n=96, dtype=torch.float32):
    x = torch.randn(n, 2, dtype=dtype)
    return x, (x[:, :1] * x[:, 1:]).sin()


def mlp(dtype=torch.float32):
    return nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)).to(dtype)


def train(model, folder, x, y, steps=40, every=5, **options):
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], 0.1)
    with steepest.Recorder(folder, model, every, quiet=True, **options) as recorder:
        for _ in range(steps):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x), y)
            loss.backward()
            optimizer.step()
            recorder.step(loss=loss, rate=0.1)
    return recorder


def sliced(recordings, model, x, y, tmp_path, **options):
    options = {"grid": (9, 7), "out": tmp_path / "run.npz", "progress": False, **options}
    return steepest.slice(recordings, model, nn.MSELoss(), [(x, y)], **options)


def test_every_node_is_the_direct_evaluation(tmp_path):
    x, y = data(dtype=torch.float64)
    model = mlp(torch.float64)
    train(model, tmp_path / "run", x, y)
    u, v = np.random.default_rng(0).normal(size=(2, 33))
    run = sliced(tmp_path / "run", model, x, y, tmp_path, plane=(u, v), u_range=(-1, 1), v_range=(-1, 1))
    origin = nn.utils.parameters_to_vector(model.parameters()).detach()
    other = mlp(torch.float64)
    for j, b in enumerate(run.v):
        for i, a in enumerate(run.u):
            nn.utils.vector_to_parameters(origin + a * torch.tensor(u) + b * torch.tensor(v), other.parameters())
            assert abs(run.loss[j, i] - nn.functional.mse_loss(other(x), y).item()) <= 1e-12


def test_a_recording_has_the_start_every_nth_step_and_the_end(tmp_path):
    x, y = data()
    model = mlp()
    first = nn.utils.parameters_to_vector(model.parameters()).detach().clone()
    recorder = train(model, tmp_path / "run", x, y, steps=12)
    recording = steepest.Recording(tmp_path / "run")
    assert recording.steps == [0, 5, 10, 12]
    for step, values in ((0, first), (12, nn.utils.parameters_to_vector(model.parameters()).detach())):
        stored = np.concatenate([recording.read(step, part.name, 0, part.stop) for part in recording.parts])
        np.testing.assert_array_equal(stored, values.numpy())
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(1, 13)) and lines[0]["rate"] == 0.1 and lines[0]["loss"] > 0
    assert recorder.cost["snapshots"] == 4 and 0 < recorder.cost["share"] < 1


def test_tied_parameters_count_once_and_frozen_ones_stay(tmp_path):
    x, y = data()
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2), nn.Linear(2, 1))
    model[2].weight = model[0].weight
    model[3].requires_grad_(False)
    train(model, tmp_path / "run", x, y)
    assert [part.name for part in steepest.Recording(tmp_path / "run").parts] == ["0.weight", "0.bias", "2.bias"]
    model.requires_grad_(False)  # what is sliced is what was recorded
    assert np.isfinite(sliced(tmp_path / "run", model, x, y, tmp_path).loss).all()
    assert not any(p.requires_grad for p in model.parameters())


def test_the_model_is_left_as_it_was(tmp_path):
    x, y = data()
    model = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.ReLU(), nn.Linear(8, 1))
    train(model, tmp_path / "run", x, y)
    model[2].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    state = torch.get_rng_state()
    for bn in ("eval", "recalibrate"):
        sliced(tmp_path / "run", model, x, y, tmp_path, bn=bn, out=tmp_path / f"{bn}.npz")
        for name, value in model.state_dict().items():
            torch.testing.assert_close(value, before[name], rtol=0, atol=0)
        assert [module.training for module in model.modules()] == modes
        assert model[1].momentum == 0.1
    torch.testing.assert_close(torch.get_rng_state(), state)


def test_batchnorm_has_recorded_or_recalibrated_statistics(tmp_path):
    x, y = data()
    model = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
    train(model, tmp_path / "run", x, y)
    model.eval()
    right = nn.functional.mse_loss(model(x), y).item()
    for module in model:  # the statistics are those recorded, not those that the model has now
        if isinstance(module, nn.BatchNorm1d):
            module.reset_running_stats()
    run = sliced(tmp_path / "run", model, x, y, tmp_path, u_range=(0, 1), v_range=(0, 1))
    assert abs(run.loss[0, 0] - right) < 1e-6 and abs(run.paths["run"].loss[-1] - right) < 1e-6
    # Statistics of the only batch there is: what train mode computes, but for Bessel's correction of the variance.
    again = sliced(tmp_path / "run", model, x, y, tmp_path, u_range=(0, 1), v_range=(0, 1), bn="recalibrate", out=tmp_path / "b.npz")
    model.train()
    with torch.no_grad():
        trained = nn.functional.mse_loss(model(x), y).item()
    assert abs(again.loss[0, 0] - trained) < 0.02 * trained and abs(again.loss[0, 0] - right) > 1e-7


def test_recalibration_needs_batchnorm(tmp_path):
    x, y = data()
    model = mlp()
    with pytest.raises(ValueError, match="no layer with running statistics"):
        sliced(None, model, x, y, tmp_path, plane="random", bn="recalibrate")


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_recorded_and_said(tmp_path, dtype):
    model = nn.Linear(2, 1).to(dtype)
    with steepest.Recorder(tmp_path / "run", model, 1, quiet=True) as recorder:
        for k in range(3):
            with torch.no_grad():
                model.weight[0, k % 2] += 0.5 + k
            recorder.step()
    recording = steepest.Recording(tmp_path / "run")
    np.testing.assert_array_equal(recording.read(3, "weight", 0, 2), model.weight.detach().float().numpy()[0])

    def loss(model, batch):
        return (model.weight.float() ** 2).sum() + model.bias.float().sum() * 0

    with pytest.warns(UserWarning, match="half precision"):
        run = steepest.slice(recorder, model, loss, torch.zeros(4, 2), grid=3, out=tmp_path / "run.npz", progress=False)
    np.testing.assert_allclose(run.paths["run"].loss[-1], (model.weight.detach().double() ** 2).sum().item(), rtol=1e-6)


def test_loaders_dicts_and_arrays_are_data(tmp_path):
    x, y = data()
    model = mlp()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=40, shuffle=True)
    right = nn.functional.mse_loss(model(x), y).item()

    def of_dict(model, batch):
        return nn.functional.mse_loss(model(batch["x"]), batch["y"])

    for number, (loss, batches, options) in enumerate(
        (
            (nn.MSELoss(), loader, {}),
            (nn.MSELoss(), loader, {"cache": False}),
            (of_dict, {"x": x, "y": y}, {"batch_size": 10}),
            (of_dict, {"x": x.double().numpy(), "y": y.double().numpy()}, {}),
            (lambda model: nn.functional.mse_loss(model(x), y), None, {}),
            (lambda model, batch: {"loss": nn.functional.mse_loss(model(batch[0]), batch[1]).item(), "accuracy": 0.5}, (x, y), {}),
        )
    ):
        out = tmp_path / f"{number}.npz"
        run = steepest.slice(None, model, loss, batches, plane="random", grid=3, out=out, progress=False, **options)
        assert abs(run.loss[1, 1] - right) < 1e-6, number
        # Shuffled batches are the same ones at every node: the border between two nodes is no noise.
        assert run.meta["samples"] == (96 if batches is not None else 1)


def test_dropout_and_noise_are_the_same_at_every_node(tmp_path):
    model = nn.Linear(2, 1)

    def noisy(model, batch):
        return torch.rand(())

    run = steepest.slice(None, model, noisy, torch.zeros(4, 2), plane="random", grid=3, out=tmp_path / "r.npz", progress=False)
    assert np.ptp(run.loss) == 0


def test_a_loss_may_differentiate(tmp_path):
    model = mlp()
    x = torch.randn(20, 2)

    def penalty(model, batch):
        batch = batch.clone().requires_grad_()
        return torch.autograd.grad(model(batch).sum(), batch, create_graph=True)[0].pow(2).mean()

    run = steepest.slice(None, model, penalty, x, plane="random", grid=3, out=tmp_path / "r.npz", progress=False, gradients=True)
    assert np.isfinite(run.loss).all() and all(p.grad is None for p in model.parameters())
    with pytest.raises(RuntimeError, match="does not require grad"):
        steepest.slice(None, model, penalty, x, plane="random", grid=3, out=tmp_path / "s.npz", progress=False)


def test_a_recording_is_not_overwritten_unless_asked(tmp_path):
    x, y = data()
    train(mlp(), tmp_path / "run", x, y, steps=10)
    with pytest.raises(FileExistsError, match='recording of 3 snapshots; name another folder, or pass exist="overwrite"'):
        train(mlp(), tmp_path / "run", x, y)
    train(mlp(), tmp_path / "run", x, y, steps=10, exist="resume")
    assert steepest.Recording(tmp_path / "run").steps == [0, 5, 10, 15, 20]
    train(mlp(), tmp_path / "run", x, y, steps=5, exist="overwrite")
    assert steepest.Recording(tmp_path / "run").steps == [0, 5]
    assert len((tmp_path / "run" / "log.jsonl").read_text().splitlines()) == 5


def test_trouble_while_training_is_a_warning(tmp_path):
    x, y = data()
    model = mlp()
    recorder = steepest.Recorder(tmp_path / "run", model, 1, quiet=True)
    model[0].requires_grad_(False)
    with pytest.warns(RuntimeWarning, match="records no longer.*trainable parameters have changed.*0.bias, 0.weight"):
        recorder.step()
    recorder.step()
    recorder.close()


def test_a_log_of_what_is_no_number_is_a_warning(tmp_path):
    recorder = steepest.Recorder(tmp_path / "run", mlp(), 1, quiet=True)
    with pytest.warns(RuntimeWarning, match=r"`loss` is not logged: it is a Tensor of shape \(3,\)"):
        recorder.step(loss=torch.zeros(3), rate=[0.1, 0.2], grad_norm=torch.tensor([2.0]))
        recorder.close()
    recording = steepest.Recording(tmp_path / "run")  # all else is there
    assert recording.steps == [0, 1] and recording.logged("rate")[1] == 0.1 and recording.logged("grad_norm")[1] == 2
    assert recording.logged("loss") is None


def test_a_criterion_wants_pairs(tmp_path):
    x, y = data()
    run = steepest.slice(None, mlp(), nn.functional.mse_loss, (x, y), plane="random", grid=2, out=tmp_path / "r.npz", progress=False)
    assert run.meta["samples"] == 96
    for batches, says in ((x, "found a Tensor"), (None, "found none"), ((x, y, y), "found a tuple")):
        with pytest.raises(TypeError, match=says):
            steepest.slice(None, mlp(), nn.MSELoss(), batches, plane="random", out=tmp_path / "s.npz", progress=False)


def test_a_diverged_training_keeps_its_finite_points(tmp_path):
    model = nn.Linear(2, 1, bias=False)
    with steepest.Recorder(tmp_path / "run", model, 1, quiet=True) as recorder:
        for k in range(4):
            with torch.no_grad():
                model.weight[0] = torch.tensor([k, k * k]) if k < 3 else float("nan")
            recorder.step(loss=float("nan"))
    recording = steepest.Recording(tmp_path / "run")
    assert recording.steps == [0, 1, 2, 3] and recording.diverged == 1
    json.loads((tmp_path / "run" / "log.jsonl").read_text().splitlines()[0], parse_constant=pytest.fail)
    run = sliced(recorder, model, *data(), tmp_path)
    assert np.isfinite(run.loss).all() and run.paths["run"].step.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("every", [0, -1, 2.5, "5", True])
def test_every_is_a_number_of_steps(tmp_path, every):
    with pytest.raises(ValueError, match="every is"):
        steepest.Recorder(tmp_path / "run", mlp(), every)


def test_a_folder_that_cannot_be_written_to_is_said_at_once(tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(OSError):
        steepest.Recorder(tmp_path / "run", mlp())


def test_no_trainable_parameter_is_said(tmp_path):
    with pytest.raises(ValueError, match="trainable floating-point parameters are needed"):
        steepest.Recorder(tmp_path / "run", mlp().requires_grad_(False))


def test_nothing_is_warned_of_in_a_usual_run(tmp_path):
    x, y = data()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = mlp()
        train(model, tmp_path / "run", x, y)
        sliced(tmp_path / "run", model, x, y, tmp_path)
