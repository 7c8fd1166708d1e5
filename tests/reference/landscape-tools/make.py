"""Writes the HDF5 files beside it as the tools around Li et al. 2018 do (plot_surface.py, projection.py, net_plotter.py): h5py 3.16.

    python tests/reference/landscape-tools/make.py

surface.h5: x² + 3y² over 51×41 nodes, the last two not computed. The array is declared (51, 41) and filled by the flat index of
meshgrid(x, y), as there. packed.h5: the same, chunked, gzipped and shuffled, with test losses and accuracies. projection.h5 and
directions.h5: four points on the diagonal, projected by the method `cos` on directions of lengths 2 and 5.
"""

from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).parent
x, y = np.linspace(-1, 1, 51), np.linspace(-0.5, 1.5, 41)


def losses():
    filled = -np.ones(shape=(len(x), len(y)))
    columns, rows = np.meshgrid(x, y)
    for k, (u, v) in enumerate(zip(columns.ravel(), rows.ravel())):
        if k < filled.size - 2:
            filled.ravel()[k] = u**2 + 3 * v**2
    return filled


with h5py.File(HERE / "surface.h5", "w") as file:
    file["dir_file"] = "directions.h5"
    file["xcoordinates"], file["ycoordinates"] = x, y
    file["train_loss"] = losses()

with h5py.File(HERE / "packed.h5", "w") as file:
    file["xcoordinates"], file["ycoordinates"] = x, y
    for name, values in {"train_loss": losses(), "test_loss": losses() + 1, "train_acc": np.full((51, 41), 87.5)}.items():
        values = values.astype(np.float32)
        file.create_dataset(name, data=values, chunks=(17, 20), compression="gzip", shuffle=True)

directions = {"xdirection": [np.array([[2.0, 0.0], [0.0, 0.0]]), np.zeros(2)], "ydirection": [np.array([[0.0, 3.0], [0.0, 4.0]]), np.zeros(2)]}
with h5py.File(HERE / "directions.h5", "w") as file:
    for name, tensors in directions.items():
        group = file.create_group(name)
        for k, tensor in enumerate(tensors):
            group.create_dataset(str(k), data=tensor)

flat = [np.concatenate([tensor.ravel() for tensor in tensors]) for tensors in directions.values()]
with h5py.File(HERE / "projection.h5", "w") as file:
    for name, direction in zip(("proj_xcoord", "proj_ycoord"), flat):
        points = [a * (flat[0] + flat[1]) for a in (0.9, 0.6, 0.3, 0.0)]
        file[name] = np.array([point @ direction / np.linalg.norm(direction) for point in points])
