"""What every process of the distributed tests does: train a small network, record it, slice it. Not a test itself."""

import os
import signal
import sys

import numpy as np
import torch

import steepest

nn, case, options = torch.nn, sys.argv[1], dict(word.split("=") for word in sys.argv[2:])
torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
model = nn.Sequential(nn.Linear(2, 7), nn.Tanh(), nn.Linear(7, 1))
x = torch.randn(64, 2)
y = (x[:, :1] * x[:, 1:]).sin()
rank = int(os.environ.get("RANK", 0))
calls = 0


def loss_fn(model, batch):
    global calls
    calls += 1
    if calls == int(options.get("at", 0)) and rank == 1:
        if case == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        raise FloatingPointError("rank 1 had enough")
    return nn.functional.mse_loss(model(batch[0]), batch[1])


def train(model):
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with steepest.Recorder("recorded", model, 5, exist=options.get("exist", "error")) as recorder:
        for _ in range(30):
            optimizer.zero_grad()
            loss_fn(model, (x, y)).backward()
            optimizer.step()
            recorder.step(rate=0.1)


data, plane = (x, y), options.get("plane", "pca")
if case == "ddp":
    torch.distributed.init_process_group("gloo")
    model = nn.parallel.DistributedDataParallel(model)
elif case == "sampler":
    torch.distributed.init_process_group("gloo")
    pairs = torch.utils.data.TensorDataset(x, y)
    data = torch.utils.data.DataLoader(pairs, 8, sampler=torch.utils.data.distributed.DistributedSampler(pairs))
elif case == "fsdp":
    from torch.distributed.fsdp import fully_shard

    torch.distributed.init_process_group("gloo")
    torch.distributed.device_mesh.init_device_mesh("cpu", (int(os.environ["WORLD_SIZE"]),))
    fully_shard(model[0])
    fully_shard(model)
if options.get("train"):
    train(model)
    calls = 0
if options.get("differ"):  # the weights that the ranks happen to have are not what is sliced
    with torch.no_grad():
        for p in model.parameters():
            p.add_(rank)
run = steepest.slice("recorded", model, loss_fn, data, plane=plane, grid=(9, 7), out=options["out"])
if rank == 0:
    assert np.isfinite(run.loss).all()

if torch.distributed.is_available() and torch.distributed.is_initialized():
    torch.distributed.barrier()  # nobody leaves while others still talk
    torch.distributed.destroy_process_group()
if torch.__version__.startswith("1."):
    # Its threads may ask for the interpreter while that is ending, which aborts a process that has done all it had to.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
