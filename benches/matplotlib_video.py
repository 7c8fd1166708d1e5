"""How fast Matplotlib records the figure that `steepest record mnist` shows, for comparison.

A surface of 100 x 100 losses with a few growing trails on it, 1280 x 720 pixels, saved as H.264 by
FuncAnimation and FFMpegWriter. The losses come from

    steepest sweep --data synthetic -o grid.npy

and are replaced by a made-up landscape of the same size if no file is given. Prints frames per second.
Needs Python with matplotlib and numpy, and the program ffmpeg.

    python benches/matplotlib_video.py [grid.npy] [--frames 60] [-o surface.mp4]
"""

import argparse
import time

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FFMpegWriter, FuncAnimation

TRAILS = 4


def losses(path):
    """The grid, 100 x 100 whatever the file has."""
    if path is None:
        side = np.linspace(-1, 1, 100)
        x, y = np.meshgrid(side, side)
        return np.log1p(3 * x**2 + 5 * y**2 + np.sin(5 * x) * np.cos(3 * y) + 1)
    grid = np.squeeze(np.load(path)).astype(float)
    rows, columns = (np.linspace(0, n - 1, 100).astype(int) for n in grid.shape[-2:])
    return grid[np.ix_(rows, columns)]


def trails(grid, frames):
    """Paths of heavy-ball descent on the grid: (TRAILS, frames, 2), in cells."""
    slopes = np.stack(np.gradient(grid), axis=-1)
    slopes /= np.abs(slopes).max()
    angle = np.linspace(0, 2 * np.pi, TRAILS, endpoint=False) + 0.4
    place = 50 + 40 * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    velocity = np.zeros_like(place)
    paths = np.empty((TRAILS, frames, 2))
    for frame in range(frames):
        paths[:, frame] = place
        row, column = np.clip(place.round().astype(int), 0, 99).T
        velocity = 0.9 * velocity - 0.6 * slopes[row, column]
        place = np.clip(place + velocity, 0, 99)
    return paths


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("grid", nargs="?", help="losses as .npy")
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("-o", "--output", default="matplotlib.mp4")
    options = parser.parse_args()

    grid = losses(options.grid)
    paths = trails(grid, options.frames)
    row, column = np.clip(paths.round().astype(int), 0, 99).transpose(2, 0, 1)
    heights = grid[row, column]

    figure = plt.figure(figsize=(12.8, 7.2), dpi=100)
    axes = figure.add_subplot(projection="3d", computed_zorder=False)
    x, y = np.meshgrid(np.arange(100), np.arange(100))
    # Every cell is drawn, as the other program does; the default draws every second.
    axes.plot_surface(x, y, grid, cmap="viridis", rcount=100, ccount=100, zorder=1)
    axes.set(xlabel="w₁", ylabel="w₂", zlabel="loss")
    lines = [axes.plot([], [], [], zorder=2)[0] for _ in range(TRAILS)]

    def draw(frame):
        for path, height, line in zip(paths, heights, lines):
            upto = slice(0, frame + 1)
            line.set_data_3d(path[upto, 1], path[upto, 0], height[upto])
        return lines

    animation = FuncAnimation(figure, draw, frames=options.frames, blit=False)
    began = time.perf_counter()
    animation.save(options.output, writer=FFMpegWriter(fps=30))
    seconds = time.perf_counter() - began
    print(f"{options.output}: {options.frames} frames at {options.frames / seconds:.2f} frames/s")


if __name__ == "__main__":
    main()
