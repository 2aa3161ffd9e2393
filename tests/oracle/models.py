"""Makes models.json.gz: what torchvision calls the parameters of its networks, and what the networks compute.

    /usr/bin/python3 tests/oracle/models.py

Run by hand, with Debian's python3-torch and python3-torchvision; the tests only read the file. For each network it holds
the names and shapes of `state_dict()` in order, and for most of them the results, in double precision, for one image and
weights that are a formula of the name's place and the element's (`value`), so that the tests can make the same.
"""

import gzip
import json
import math
import os

import torch
import torchvision.models as models

SIZE = 96

NETWORKS = {
    "alexnet": (models.alexnet, {}, False),
    "vgg11": (models.vgg11, {}, False),
    "vgg16": (models.vgg16, {}, False),
    "googlenet": (models.googlenet, {"aux_logits": False, "init_weights": False}, True),
    "resnet18": (models.resnet18, {}, True),
    "resnet34": (models.resnet34, {}, True),
    "resnet50": (models.resnet50, {}, True),
    "mobilenet_v2": (models.mobilenet_v2, {}, True),
    "squeezenet1_1": (models.squeezenet1_1, {}, True),
}


def wave(place, shape):
    """sin(place + 12.9898 * i) for the i-th element."""
    i = torch.arange(math.prod(shape), dtype=torch.float64)
    return torch.sin(place + 12.9898 * i).reshape(shape)


def value(place, name, shape):
    """The values of the tensor at this place of the names."""
    if len(shape) > 1:
        return wave(place, shape) * math.sqrt(4 / math.prod(shape[1:]))
    if name.endswith("running_var") or name.endswith("weight"):
        return 1 + 0.5 * wave(place, shape) ** 2
    return 0.1 * wave(place, shape)


def network(make, arguments, runs):
    net = make(**arguments).double().eval()
    names = [(name, tuple(tensor.shape)) for name, tensor in net.state_dict().items() if not name.endswith("num_batches_tracked")]
    answer = {"names": [[name, list(shape)] for name, shape in names]}
    if runs:
        net.load_state_dict({name: value(place, name, shape) for place, (name, shape) in enumerate(names)}, strict=False)
        with torch.no_grad():
            answer["results"] = net(wave(0.5, (1, 3, SIZE, SIZE)))[0].tolist()
    return answer


if __name__ == "__main__":
    answers = {name: network(*how) for name, how in NETWORKS.items()}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models.json.gz")
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        file.write(json.dumps(answers).encode())
    for name, answer in answers.items():
        print(name, len(answer["names"]), max(map(abs, answer.get("results", [0]))))
