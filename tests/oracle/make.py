"""Makes cases.json.gz: what PyTorch, in double precision, says about the ops of this library.

    /usr/bin/python3 tests/oracle/make.py [seed]

Run by hand, with Debian's python3-torch; the tests only read the file. Without a seed it draws one and prints it. Each
case has a random stream of its own, of the seed, the op and its number, so a new op leaves the other cases as they are.

For y = f(x...), a random cotangent dy and random directions v, a case holds

    y
    dx      = (dy/dx)^T dy             first order, reverse
    jvp     = (dy/dx) v                forward
    second  = d<dx, v>/dx              second order

jvp and second come from differentiating <dx, v> once more, in dy and in x. Where PyTorch cannot differentiate an op
twice there is no second, and jvp is <row, v> for each row of the Jacobian.
"""

import gzip
import json
import math
import os
import random
import sys

import torch

import composites  # adds to OPS
from cases import OPS
from draw import Draw, TooLarge

MOST_ELEMENTS = 160


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.SystemRandom().randrange(2**32)
    cases = [make(seed, op, number) for op in OPS for number in range(op.count)]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases.json.gz")
    text = json.dumps({"seed": seed, "torch": torch.__version__, "cases": cases}, separators=(",", ":"))
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.encode())
    second = sum("second" in case for case in cases)
    print(f"seed {seed}: {len(cases)} cases of {len({op.name for op in OPS})} ops, {second} of second order, "
          f"{os.path.getsize(path) / 1e6:.2f} MB, PyTorch {torch.__version__}")


def make(seed, op, number):
    """A case whose tensors are small enough; larger draws are thrown away."""
    draw = Draw(random.Random(f"{seed}/{op.name}/{number}"))
    while True:
        try:
            attributes, inputs, f = op.draw(draw)
            case = evaluate(draw, inputs, f)
            return {"op": op.name, "attributes": attributes, **case}
        except TooLarge:
            continue


def evaluate(draw, inputs, f):
    if any(x.tensor.numel() > MOST_ELEMENTS for x in inputs):
        raise TooLarge
    xs = [x.tensor.requires_grad_() for x in inputs if x.kind == "real"]
    y = f(*[x.tensor for x in inputs])
    if not 0 < y.numel() <= MOST_ELEMENTS:
        raise TooLarge
    case = {"inputs": [{"kind": x.kind, **packed(x.tensor)} for x in inputs], "y": packed(y)}
    return {**case, **derivatives(draw, xs, y)} if y.is_floating_point() and xs else case


def derivatives(draw, xs, y):
    dy = draw.values(y.shape).requires_grad_()
    v = [draw.values(x.shape) for x in xs]
    dx = gradients(y, xs, dy)
    found = {"dy": packed(dy), "v": [packed(t) for t in v], "dx": [packed(t) for t in dx]}
    try:
        *second, jvp = gradients(inner(dx, v), [*xs, dy])
        return {**found, "second": [packed(t) for t in second], "jvp": packed(jvp)}
    except RuntimeError as error:
        if "not implemented" not in str(error):
            raise
        units = torch.eye(y.numel(), dtype=torch.double).reshape(-1, *y.shape)
        rows = [inner(gradients(y, xs, unit), v) for unit in units]
        return {**found, "jvp": packed(torch.stack(rows).reshape(y.shape))}


def gradients(y, xs, dy=None):
    """Zeros where y does not depend on an x."""
    if not y.requires_grad:
        return [torch.zeros_like(x) for x in xs]
    found = torch.autograd.grad(y, xs, dy, create_graph=True, allow_unused=True)
    return [torch.zeros_like(x) if dx is None else dx for x, dx in zip(xs, found)]


def inner(a, b):
    return sum((x * y).sum() for x, y in zip(a, b))


def packed(t):
    """Doubles with the 17 digits that tell them apart, whole numbers without their .0"""
    # Copied, because a gradient that is 0 throughout may have no memory.
    values = torch.zeros(t.shape, dtype=torch.double).copy_(t.detach()).flatten().tolist()
    assert all(math.isfinite(value) for value in values), t
    return {"shape": list(t.shape), "values": [int(v) if v == int(v) else v for v in values]}


if __name__ == "__main__":
    main()
