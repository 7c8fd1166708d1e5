"""Learning rates of the schedules, written anew from the published formulas; prints schedules.json.

Sources: Loshchilov and Hutter, "SGDR" (2017); Smith, "Cyclical Learning Rates" (2017); Smith and Topin,
"Super-Convergence" (2018); and, where these leave a choice, the documentation of PyTorch's
CosineAnnealingWarmRestarts, CyclicLR, OneCycleLR and ReduceLROnPlateau.
"""

import json
import math


def restarts(base, steps, every, multiple, final):
    rates, length, since = [], every, 0
    for _ in range(steps):
        rates.append(final + (base - final) * (1 + math.cos(math.pi * since / length)) / 2)
        since += 1
        if since == length:
            since, length = 0, length * multiple
    return rates


def cyclic(base, steps, low, every, decay):
    rates = []
    for t in range(steps):
        cycle = math.floor(1 + t / (2 * every))
        x = abs(t / every - 2 * cycle + 1)
        rates.append(low + (base - low) * max(0, 1 - x) * decay ** (cycle - 1))
    return rates


def one_cycle(base, steps):
    first, up = base / 25, 0.3 * steps - 1
    last, down = first / 1e4, steps - 1

    def anneal(start, end, part):
        return end + (start - end) / 2 * (math.cos(math.pi * part) + 1)

    return [
        anneal(first, base, t / up) if t <= up else anneal(base, last, (t - up) / (down - up))
        for t in range(steps)
    ]


def plateau(base, losses, factor, patience, threshold):
    rates, rate, best, bad = [], base, math.inf, 0
    for loss in losses:
        if loss < best * (1 - threshold):
            best, bad = loss, 0
        else:
            bad += 1
        if bad > patience:
            rate, bad = rate * factor, 0
        rates.append(rate)
    return rates


LOSSES = [5, 4, 3, 3, 3.1, 2.9999, 2.9, 2.9, 2.9, 2.9, 2.9, 2.9, 2.9, 2.0, 2.0, 2.5, 1.9]
CASES = [
    ("restarts", restarts, {"every": 4, "multiple": 1, "final": 0.0}, 13),
    ("restarts", restarts, {"every": 3, "multiple": 2, "final": 0.05}, 25),
    ("cyclic", cyclic, {"low": 0.1, "every": 4, "decay": 1.0}, 20),
    ("cyclic", cyclic, {"low": 0.02, "every": 3, "decay": 0.5}, 20),
    ("one-cycle", one_cycle, {}, 1),
    ("one-cycle", one_cycle, {}, 2),
    ("one-cycle", one_cycle, {}, 20),
    ("plateau", plateau, {"factor": 0.1, "patience": 2, "threshold": 1e-4}, LOSSES),
    ("plateau", plateau, {"factor": 0.5, "patience": 0, "threshold": 0.0}, LOSSES),
]


def entry(kind, formula, keys, given):
    losses = given if isinstance(given, list) else [1.0] * given
    rates = formula(0.8, given, **keys)
    return {"schedule": {"kind": kind, **keys}, "base": 0.8, "losses": losses, "rates": rates}


if __name__ == "__main__":
    print("[\n" + ",\n".join(json.dumps(entry(*case)) for case in CASES) + "\n]")
