"""Records what PyTorch's optimisers make of three weights in 20 steps with given gradients, in double precision.

Run with PyTorch (1.13 wrote the file): python3 torch_steps.py > torch_steps.json
"""
import inspect
import json
import math

import torch
from torch.optim import nadam

torch.set_default_dtype(torch.float64)

# PyTorch 1.13 takes one factor of NAdam's product twice, unlike the formula of its own documentation; 2.0 is right.
exec(inspect.getsource(nadam._single_tensor_nadam).replace("mu_product * mu * mu_next", "mu_product * mu_next"),
     nadam.__dict__)

START = [1.0, -0.5, 0.25]
GRADIENTS = [[round(math.sin(3 * t + 5 * j) * (1 + j) + 0.2 * j, 4) for j in range(3)] for t in range(20)]
CASES = {
    "Sgd(0.1)": lambda w: torch.optim.SGD(w, 0.1),
    "Sgd(0.1, momentum: 0.9)": lambda w: torch.optim.SGD(w, 0.1, momentum=0.9),
    "Sgd(0.1, momentum: 0.9, nesterov: true).WeightDecay(0.01)":
        lambda w: torch.optim.SGD(w, 0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "Adagrad(0.1)": lambda w: torch.optim.Adagrad(w, 0.1),
    "Adagrad(0.1, epsilon: 0.01).WeightDecay(0.1)":
        lambda w: torch.optim.Adagrad(w, 0.1, eps=0.01, weight_decay=0.1),
    "RmsProp(0.01)": lambda w: torch.optim.RMSprop(w),
    "RmsProp(0.02, alpha: 0.9, epsilon: 0.001, momentum: 0.8, centered: true)":
        lambda w: torch.optim.RMSprop(w, 0.02, alpha=0.9, eps=1e-3, momentum=0.8, centered=True),
    "Adadelta(1)": lambda w: torch.optim.Adadelta(w),
    "Adadelta(0.5, rho: 0.8, epsilon: 0.001)": lambda w: torch.optim.Adadelta(w, 0.5, rho=0.8, eps=1e-3),
    "Adam(0.05)": lambda w: torch.optim.Adam(w, 0.05),
    "Adam(0.05, beta1: 0.8, beta2: 0.99, epsilon: 0.001).WeightDecay(0.1)":
        lambda w: torch.optim.Adam(w, 0.05, betas=(0.8, 0.99), eps=1e-3, weight_decay=0.1),
    "Adam(0.001).DecoupledDecay(0.01)": lambda w: torch.optim.AdamW(w),
    "Adam(0.05).DecoupledDecay(0.3)": lambda w: torch.optim.AdamW(w, 0.05, weight_decay=0.3),
    "NAdam(0.002)": lambda w: torch.optim.NAdam(w),
    "NAdam(0.05, beta1: 0.8, momentumDecay: 0.1)":
        lambda w: torch.optim.NAdam(w, 0.05, betas=(0.8, 0.999), momentum_decay=0.1),
}


def steps(make):
    w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = make([w])
    for gradient in GRADIENTS:
        w.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        yield w.tolist()


print(json.dumps({
    "torch": torch.__version__,
    "start": START,
    "gradients": GRADIENTS,
    "weights": {name: list(steps(make)) for name, make in CASES.items()},
}, indent=0).replace("\n", "").replace("]],\"", "]],\n\""))
