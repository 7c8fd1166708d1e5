"""The rules as their papers have them, written anew for arrays of numbers with 50 digits, and the objectives they descend on."""

from collections import defaultdict

import numpy as np
from mpmath import mp, mpf

mp.dps = 50


class Rosenbrock:
    formula, start = "(1 - x)^2 + 100*(y - x^2)^2", [-1.0, 2.0]

    def value(x, y):
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2

    def gradient(x, y):
        return [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)]

    def hessian(x, y):
        return [[2 + 1200 * x * x - 400 * y, -400 * x], [-400 * x, 200]]


class Ravine:
    """A quadratic whose curvatures are 1 to 81 and whose axes are turned."""

    formula, start = "0.75*x^2 + 40*y^2 + 6*x*y - 2*x", [-2.0, 1.5]

    def value(x, y):
        return 0.75 * x * x + 40 * y * y + 6 * x * y - 2 * x

    def gradient(x, y):
        return [1.5 * x + 6 * y - 2, 80 * y + 6 * x]

    def hessian(x, y):
        return [[1.5, 6], [6, 80]]


class Wells:
    formula, start = "x^4 - 4*x^2 + x", [2.5]

    def value(x):
        return x**4 - 4 * x * x + x

    def gradient(x):
        return [4 * x**3 - 8 * x + 1]

    def hessian(x):
        return [[12 * x * x - 8]]


class Bend:
    """Rosenbrock's function with a gentle valley, for rules that amplify rounding in his own."""

    formula, start = "(1 - x)^2 + (y - x^2)^2", [-1.5, 2.5]

    def value(x, y):
        return (1 - x) ** 2 + (y - x * x) ** 2

    def gradient(x, y):
        return [-2 * (1 - x) - 4 * x * (y - x * x), 2 * (y - x * x)]

    def hessian(x, y):
        return [[2 + 12 * x * x - 4 * y, -4 * x], [-4 * x, 2]]


OBJECTIVES = {"rosenbrock": Rosenbrock, "ravine": Ravine, "wells": Wells, "bend": Bend}

# In every rule `s` is what is remembered, 0 at first; `g` gives the gradient at a point; t counts from 1.

sqrt = np.vectorize(mp.sqrt, otypes=[object])
sign = np.vectorize(mp.sign, otypes=[object])


def gd(s, t, w, rate, g, weight_decay=0):
    return w - rate * (g(w) + weight_decay * w)


def momentum(s, t, w, rate, g, momentum, weight_decay=0):
    s["v"] = momentum * s["v"] + g(w) + weight_decay * w
    return w - rate * s["v"]


def nesterov(s, t, w, rate, g, momentum, form="lookahead"):
    if form == "pytorch":
        slope = g(w)
        s["v"] = momentum * s["v"] + slope
        return w - rate * (slope + momentum * s["v"])
    s["v"] = momentum * s["v"] + rate * g(w - momentum * s["v"])
    return w - s["v"]


def adagrad(s, t, w, rate, g, eps):
    slope = g(w)
    s["G"] = s["G"] + slope**2
    return w - rate * slope / (sqrt(s["G"]) + eps)


def rmsprop(s, t, w, rate, g, beta, eps):
    slope = g(w)
    s["E"] = beta * s["E"] + (1 - beta) * slope**2
    return w - rate * slope / (sqrt(s["E"]) + eps)


def adadelta(s, t, w, rate, g, rho, eps):
    slope = g(w)
    s["v"] = rho * s["v"] + (1 - rho) * slope**2
    d = slope * sqrt(s["u"] + eps) / sqrt(s["v"] + eps)
    s["u"] = rho * s["u"] + (1 - rho) * d**2
    return w - rate * d


def means(s, t, slope, beta1, beta2, bias_correction=True):
    """Both of Adam's means and what they are to be divided by."""
    s["m"] = beta1 * s["m"] + (1 - beta1) * slope
    s["v"] = beta2 * s["v"] + (1 - beta2) * slope**2
    return (1 - beta1**t, 1 - beta2**t) if bias_correction else (1, 1)


def adam(s, t, w, rate, g, beta1, beta2, eps, bias_correction=True):
    first, second = means(s, t, g(w), beta1, beta2, bias_correction)
    return w - rate * (s["m"] / first) / (sqrt(s["v"] / second) + eps)


def amsgrad(s, t, w, rate, g, beta1, beta2, eps, bias_correction=True):
    first, second = means(s, t, g(w), beta1, beta2, bias_correction)
    s["V"] = np.maximum(s["V"], s["v"])
    return w - rate * (s["m"] / first) / (sqrt(s["V"] / second) + eps)


def adamw(s, t, w, rate, g, beta1, beta2, eps, weight_decay, bias_correction=True):
    return adam(s, t, w, rate, g, beta1, beta2, eps, bias_correction) - rate * weight_decay * w


def nadam(s, t, w, rate, g, beta1, beta2, eps, momentum_decay):
    slope = g(w)
    _, second = means(s, t, slope, beta1, beta2)
    now, following = (beta1 * (1 - mpf(0.96) ** (k * momentum_decay) / 2) for k in (t, t + 1))
    s["product"] = (s["product"] or 1) * now
    ahead = following * s["m"] / (1 - s["product"] * following) + (1 - now) * slope / (1 - s["product"])
    return w - rate * ahead / (sqrt(s["v"] / second) + eps)


def lion(s, t, w, rate, g, beta1, beta2, weight_decay):
    slope = g(w)
    way = sign(beta1 * s["m"] + (1 - beta1) * slope)
    s["m"] = beta2 * s["m"] + (1 - beta2) * slope
    return w - rate * (way + weight_decay * w)


def qhm(s, t, w, rate, g, beta, nu):
    slope = g(w)
    s["v"] = beta * s["v"] + (1 - beta) * slope
    return w - rate * ((1 - nu) * slope + nu * s["v"])


def qhadam(s, t, w, rate, g, beta1, beta2, eps, nu1, nu2, bias_correction=True):
    slope = g(w)
    first, second = means(s, t, slope, beta1, beta2, bias_correction)
    top = (1 - nu1) * slope + nu1 * s["m"] / first
    return w - rate * top / (sqrt((1 - nu2) * slope**2 + nu2 * s["v"] / second) + eps)


def adamax(s, t, w, rate, g, beta1, beta2, eps, bias_correction=True):
    slope = g(w)
    first, _ = means(s, t, slope, beta1, beta2, bias_correction)
    s["u"] = np.maximum(beta2 * s["u"], abs(slope) + eps)
    return w - rate * (s["m"] / first) / s["u"]


def radam(s, t, w, rate, g, beta1, beta2, eps):
    first, second = means(s, t, g(w), beta1, beta2)
    most = 2 / (1 - beta2) - 1
    rho = most - 2 * t * beta2**t / second
    if rho <= 5:
        return w - rate * s["m"] / first
    r = mp.sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho))
    return w - rate * r * (s["m"] / first) * mp.sqrt(second) / (sqrt(s["v"]) + eps)


def rprop(s, t, w, rate, g, eta_minus, eta_plus, step_min, step_max):
    slope = g(w)
    turn = slope * s["g"]
    length = s["length"] if t > 1 else w * 0 + rate
    factor = np.where(turn > 0, eta_plus, np.where(turn < 0, eta_minus, mpf(1)))
    s["length"] = np.minimum(np.maximum(length * factor, step_min), step_max)
    s["g"] = np.where(turn < 0, mpf(0), slope)
    return w - sign(s["g"]) * s["length"]


def sam(s, t, w, rate, g, rho):
    slope = g(w)
    return w - rate * g(w + rho * slope / mp.sqrt(np.sum(slope**2)))


def newton(s, t, w, rate, g, damping):
    """|H| of a 2×2 matrix, the root of H², in closed form; no eigenvector is needed."""
    slope, h = g(w), s["objective"].hessian(*w)
    if len(w) == 1:
        return w - rate * slope / (abs(h[0][0]) + damping)
    (a, b), (_, c) = h
    det = abs(a * c - b * b)
    divisor = mp.sqrt(a * a + 2 * b * b + c * c + 2 * det)
    p, q, r = (((x + y) / divisor) for x, y in ((a * a + b * b, det), (a * b + b * c, 0), (b * b + c * c, det)))
    p, r = p + damping, r + damping
    return w - rate * np.array([r * slope[0] - q * slope[1], p * slope[1] - q * slope[0]]) / (p * r - q * q)


def lbfgs(s, t, w, rate, g, memory):
    """The matrix B itself, by Nocedal and Wright's (6.17) from the last pairs, in place of the two loops."""
    # The doubling after steps that curve down, and the rounding that a loss may rise by, are this program's own.
    value, slope = s["objective"].value, g(w)
    if t > 1:
        way, change = w - s["w"], slope - s["g"]
        if way @ change > mpf(2) ** -52 * (change @ change):
            s["pairs"], s["doublings"] = ((s["pairs"] or []) + [(way, change)])[-int(memory) :], 0
        elif way @ change < 0:
            s["doublings"] += 1
    s["w"], s["g"] = w, slope
    pairs, one = s["pairs"] or [], np.array(mp.eye(len(w)).tolist(), dtype=object)
    matrix = one * (pairs[-1][0] @ pairs[-1][1]) / (pairs[-1][1] @ pairs[-1][1]) if pairs else one
    for way, change in pairs:
        r = 1 / (way @ change)
        left = one - r * np.outer(way, change)
        matrix = left @ matrix @ left.T + r * np.outer(way, way)
    d = matrix @ slope
    length = (rate if pairs else rate * min(1, 1 / sum(abs(slope)))) * 2 ** s["doublings"]
    while value(*(w - length * d)) > value(*w) - mpf(1e-4) * length * (slope @ d) + 64 * mp.eps * abs(value(*w)):
        length /= 2
    return w - length * d


def exact(case, rates):
    """The iterates, with 50 digits."""
    objective = OBJECTIVES[case["objective"]]
    keywords = {key: mpf(x) if isinstance(x, float) else x for key, x in {**case["params"], **case.get("options", {})}.items()}

    def gradient(w):
        slope = np.array(objective.gradient(*w), dtype=object)
        length = mp.sqrt(np.sum(slope**2))
        return slope * min(mpf(1), case["clip"] / length) if "clip" in case and length > 0 else slope

    s, path = defaultdict(int, objective=objective), [np.array([mpf(x) for x in objective.start], dtype=object)]
    for t, rate in enumerate(rates, 1):
        path.append(globals()[case["rule"]](s, t, path[-1], mpf(rate), gradient, **keywords))
    return path
