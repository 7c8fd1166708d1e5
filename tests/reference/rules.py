"""Descents of every rule by programs that are not this one; prints rules.json.

Each case is taken 200 steps in float64 by its oracle, and once more with 50 digits by papers.py. `rounding` is the greatest
difference between the two, relative to max(1, |w|): what of a difference is rounding that the descent itself has blown up. Cases
in which it is not far below 1e-12 say nothing about a rule and are refused. Where no library has a rule in the same variant, the
oracle is the one with 50 digits, `why` says so, and papers.py with the 53 bits of float64 tells what is rounding. `options` are keys of a descent beside its rule's numbers.

Needs torch 2.15.0, optax 0.2.8 (jax 0.10.2), qhoptim 1.1.0 (the authors' QHM and QHAdam), numpy 2.4.6, mpmath 1.3.0.
"""

import json
import warnings

import jax
import optax
import optax.contrib
import qhoptim.pyt
import torch
from mpmath import mp

from papers import OBJECTIVES, exact

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)
warnings.filterwarnings("ignore", category=UserWarning)

STEPS = 200
SHOWN = [1, 2, 3, 5, 10, 20, 50, 100, 150, 200]
MOST_ROUNDING = 2e-13


# The oracles: of a case, the iterates and the rates in float64.


def by_torch(make, read=lambda optimizer, w: w, scheduler=None):
    def descend(case):
        objective = OBJECTIVES[case["objective"]]
        w = torch.nn.Parameter(torch.tensor(objective.start))
        optimizer = make([w], lr=case["rate"])
        pace = scheduler and scheduler(optimizer, case["rate"])
        path, rates = [objective.start], []
        for t in range(STEPS):
            here = w.tolist()
            if isinstance(pace, torch.optim.lr_scheduler.ReduceLROnPlateau):
                pace.step(objective.value(*here))
            elif pace and t > 0:
                pace.step()
            w.grad = torch.tensor(objective.gradient(*here))
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step(lambda: torch.tensor(objective.value(*w.tolist())))
            path.append(read(optimizer, w.detach()).tolist())
        return path, rates

    return descend


def torch_optim(name, read=None, scheduler=None, **keywords):
    def make(params, lr):
        return getattr(torch.optim, name)(params, lr=lr, **keywords)

    flags = "".join(f", {key}=True" for key, x in keywords.items() if x is True)
    label = f"torch.optim.{name}" + (f"({flags[2:]})" if flags else "")
    return label, by_torch(make, *([read] if read else []), **({"scheduler": scheduler} if scheduler else {}))


def by_optax(make):
    def descend(case):
        objective = OBJECTIVES[case["objective"]]

        def gradient(w, _=None):
            return jax.numpy.stack([jax.numpy.asarray(x) for x in objective.gradient(*w)])

        optimizer = make(case["rate"], case["params"])
        w = jax.numpy.array(objective.start)
        state, path = optimizer.init(w), [objective.start]
        keywords = {"grad_fn": gradient} if case["rule"] == "sam" else {}

        @jax.jit
        def step(w, state):
            updates, state = optimizer.update(gradient(w), state, w, **keywords)
            return optax.apply_updates(w, updates), state

        for _ in range(STEPS):
            w, state = step(w, state)
            path.append(w.tolist())
        return path, [case["rate"]] * STEPS

    return descend


def plain(case):
    rates = [case["rate"]] * STEPS
    return [[float(x) for x in w] for w in exact(case, rates)], rates


def look_ahead(optimizer, w):
    """PyTorch steps from point to point where gradients are taken; the iterate lies behind, by what the velocity leads ahead."""
    group, (state,) = optimizer.param_groups[0], optimizer.state.values()
    return w + group["momentum"] * group["lr"] * state["momentum_buffer"]


def authors_qhm(params, lr):
    return qhoptim.pyt.QHM(params, lr=lr, momentum=0.99, nu=0.7)


def authors_qhadam(params, lr):
    return qhoptim.pyt.QHAdam(params, lr=lr, betas=(0.95, 0.999), nus=(0.7, 0.9), eps=1e-8)


def sam_on_sgd(rate, params):
    uphill = optax.chain(optax.contrib.normalize(), optax.sgd(params["rho"]))
    return optax.contrib.sam(optax.sgd(rate), uphill, opaque_mode=True)


def lion_of_optax(rate, params):
    return optax.lion(rate, b1=params["beta1"], b2=params["beta2"], weight_decay=params["weight_decay"])


MEANS = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
SGD, ADAM = torch_optim("SGD"), torch_optim("Adam")
MOMENTUM = torch_optim("SGD", momentum=0.9)
PLAIN = ("50 digits", plain)
PYTORCH_LBFGS = {"max_iter": 1, "history_size": 10, "tolerance_grad": 0, "tolerance_change": 0}

# Rule, its parameters, its oracle, and the rates on Rosenbrock's function, the ravine, the wells and the bend; None, or the end of
# the list, leaves one out.
RULES = [
    ("gd", {}, SGD, [0.001, 0.02, 0.01]),
    ("momentum", {"momentum": 0.9}, MOMENTUM, [0.0002, 0.01, 0.005]),
    ("nesterov", {"momentum": 0.9}, torch_optim("SGD", look_ahead, nesterov=True, momentum=0.9), [0.0002, 0.005, 0.005]),
    ("adagrad", {"eps": 1e-8}, torch_optim("Adagrad", eps=1e-8), [0.5, 0.5, 0.5]),
    ("rmsprop", {"beta": 0.9, "eps": 1e-8}, torch_optim("RMSprop", alpha=0.9, eps=1e-8), [0.001, 0.005, 0.002]),
    ("rmsprop", {"beta": 0.99, "eps": 0.1}, torch_optim("RMSprop", alpha=0.99, eps=0.1), [0.01, 0.02, 0.05]),
    ("adadelta", {"rho": 0.9, "eps": 1e-6}, torch_optim("Adadelta", rho=0.9, eps=1e-6), [1.0, 1.0, 1.0]),
    ("adam", MEANS, ADAM, [0.1, 0.1, 0.1]),
    ("amsgrad", MEANS, torch_optim("Adam", amsgrad=True), [0.1, 0.1, 0.1]),
    ("adamw", {**MEANS, "weight_decay": 0.01}, torch_optim("AdamW", weight_decay=0.01), [0.1, 0.1, 0.1]),
    ("nadam", {**MEANS, "momentum_decay": 0.004}, torch_optim("NAdam", momentum_decay=0.004), [0.1, 0.1, 0.1]),
    ("lion", {"beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0}, ("optax.lion", by_optax(lion_of_optax)), [0.02, 0.02, 0.02]),
    ("lion", {"beta1": 0.8, "beta2": 0.95, "weight_decay": 0.1}, ("optax.lion", by_optax(lion_of_optax)), [0.02, 0.02, 0.02]),
    ("qhm", {"beta": 0.99, "nu": 0.7}, ("qhoptim.pyt.QHM", by_torch(authors_qhm)), [0.001, 0.02, 0.02]),
    ("qhadam", {**MEANS, "beta1": 0.95, "nu1": 0.7, "nu2": 0.9}, ("qhoptim.pyt.QHAdam", by_torch(authors_qhadam)), [0.1, 0.1, 0.1]),
    ("adamax", MEANS, torch_optim("Adamax", eps=1e-8), [0.1, 0.1, 0.1]),
    ("radam", MEANS, torch_optim("RAdam"), [0.0005, 0.01, 0.05]),
    ("rprop", {"eta_minus": 0.5, "eta_plus": 1.2, "step_min": 1e-6, "step_max": 50.0}, torch_optim("Rprop"), [0.05, 0.05, 0.05]),
    ("sam", {"rho": 0.05}, ("optax.contrib.sam", by_optax(sam_on_sgd)), [0.001, 0.02, 0.01]),
    ("newton", {"damping": 1e-6}, PLAIN, [0.5, 0.5, 0.5]),
    ("newton", {"damping": 1.0}, PLAIN, [0.1, 0.1, 0.1]),
    ("lbfgs", {"memory": 10.0}, torch_optim("LBFGS", **PYTORCH_LBFGS), [None, 0.03, 0.03]),
    ("lbfgs", {"memory": 10.0}, PLAIN, [None, 1.0, 1.0, 1.0]),
    ("lbfgs", {"memory": 10.0}, PLAIN, [None, 0.5, 0.5, 0.3]),
    ("lbfgs", {"memory": 3.0}, PLAIN, [None, 1.0, None, 1.0]),
]
WHY = {
    "newton": "neither torch.optim nor optax has Newton's method with |H|; here |H| is the root of H² in closed form",
    "lbfgs": "torch.optim.LBFGS takes the rate as its step length, whatever becomes of the loss; here B is a matrix, not two loops",
    "bias_correction": "torch.optim and optax always correct the means; here they are not",
}

# Keys of a descent's own beside those that every rule has today.
OPTIONS = [
    ("gd", {}, {"weight_decay": 0.01}, torch_optim("SGD", weight_decay=0.01), [0.001, 0.02, 0.01]),
    ("momentum", {"momentum": 0.9}, {"weight_decay": 0.01}, torch_optim("SGD", momentum=0.9, weight_decay=0.01), [0.0002, 0.01, 0.005]),
    ("nesterov", {"momentum": 0.9}, {"form": "pytorch"}, torch_optim("SGD", nesterov=True, momentum=0.9), [0.0002, 0.005, 0.005]),
    ("adam", MEANS, {"bias_correction": False}, PLAIN, [0.1, 0.1, 0.1]),
    ("amsgrad", MEANS, {"bias_correction": False}, PLAIN, [0.1, 0.1, 0.1]),
    ("adamw", {**MEANS, "weight_decay": 0.01}, {"bias_correction": False}, PLAIN, [0.1, 0.1, 0.1]),
    ("qhadam", {**MEANS, "beta1": 0.95, "nu1": 0.7, "nu2": 0.9}, {"bias_correction": False}, PLAIN, [0.1, 0.1, 0.1]),
    ("adamax", MEANS, {"bias_correction": False}, PLAIN, [0.1, 0.1, 0.1]),
]


def clipped(tail):
    return by_optax(lambda rate, params: optax.chain(optax.clip_by_global_norm(2.0), tail(rate)))


# PyTorch's clip_grad_norm_ adds 1e-6 to the length; optax's is the exact one.
CLIPPED = [
    ("gd", {}, ("optax.clip_by_global_norm, sgd", clipped(optax.sgd)), [0.01, 0.02, 0.01]),
    ("momentum", {"momentum": 0.9}, ("optax.clip_by_global_norm, trace", clipped(lambda rate: optax.sgd(rate, momentum=0.9))), [0.001, 0.01, 0.005]),
    ("adam", MEANS, ("optax.clip_by_global_norm, adam", clipped(optax.adam)), [0.01, 0.1, 0.1]),
]

pace = torch.optim.lr_scheduler
SCHEDULES = [
    ({"kind": "cosine", "final": 0.001}, lambda o, rate: pace.CosineAnnealingLR(o, STEPS, eta_min=0.001)),
    ({"kind": "linear", "final": 0.001}, lambda o, rate: pace.LinearLR(o, 1, 0.001 / rate, STEPS)),
    ({"kind": "step", "every": 30, "factor": 0.5}, lambda o, rate: pace.StepLR(o, 30, 0.5)),
    ({"kind": "exponential", "gamma": 0.99}, lambda o, rate: pace.ExponentialLR(o, 0.99)),
    ({"kind": "restarts", "every": 20, "multiple": 2, "final": 0.001}, lambda o, rate: pace.CosineAnnealingWarmRestarts(o, 20, 2, 0.001)),
    (
        {"kind": "cyclic", "low": 0.001, "every": 15, "decay": 0.8},
        lambda o, rate: pace.CyclicLR(o, 0.001, rate, 15, scale_fn=lambda k: 0.8 ** (k - 1), scale_mode="cycle", cycle_momentum=False),
    ),
    ({"kind": "one-cycle"}, lambda o, rate: pace.OneCycleLR(o, rate, STEPS, cycle_momentum=False)),
    (
        {"kind": "plateau", "factor": 0.5, "patience": 3, "threshold": 0.01},
        lambda o, rate: pace.ReduceLROnPlateau(o, "min", 0.5, 3, 0.01, eps=0),
    ),
]


def cases():
    def each(rule, params, oracle, rates, **more):
        for objective, rate in zip(OBJECTIVES, rates):
            if rate is not None:
                yield {"rule": rule, "params": params, **more, "objective": objective, "rate": rate}, oracle

    for rule, params, oracle, rates in RULES:
        yield from each(rule, params, oracle, rates)
    for rule, params, options, oracle, rates in OPTIONS:
        yield from each(rule, params, oracle, rates, options=options)
    for rule, params, oracle, rates in CLIPPED:
        yield from each(rule, params, oracle, rates, clip=2.0)
    for schedule, scheduler in SCHEDULES:
        name = type(scheduler(torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.02), 0.02)).__name__
        make = torch_optim("SGD", scheduler=scheduler, momentum=0.9)
        # Of losses below 0 PyTorch's plateau takes some that rise for better ones: only functions without them.
        rates = [0.0005, None, None, 0.05] if schedule["kind"] == "plateau" else [None, 0.02, 0.01]
        yield from each("momentum", {"momentum": 0.9}, (f"torch.optim.SGD, {name}", make[1]), rates, schedule=schedule)


def entry(case, oracle):
    label, descend = oracle
    path, rates = descend(case)
    rounded = path
    if oracle is PLAIN:
        with mp.workprec(53):
            rounded = exact(case, rates)
    rounding = max(abs(x - y) / max(1, abs(y)) for w, v in zip(rounded, exact(case, rates)) for x, y in zip(w, v))
    if not rounding <= MOST_ROUNDING:
        raise SystemExit(f"{case}: {label} is {float(rounding):.1e} from the exact descent")
    case = {**case, "oracle": label}
    if oracle is PLAIN:
        case["why"] = WHY[case["rule"] if case["rule"] in WHY else "bias_correction"]
    return {**case, "rounding": float(f"{float(rounding):.1e}"), "iterates": [path[step] for step in SHOWN]}


if __name__ == "__main__":
    objectives = {name: {"formula": it.formula, "start": it.start} for name, it in OBJECTIVES.items()}
    head = json.dumps({"steps": STEPS, "shown": SHOWN, "objectives": objectives})
    print(head[:-1] + ', "cases": [\n' + ",\n".join(json.dumps(entry(*case)) for case in cases()) + "\n]}")
