"""Exports small networks with random weights from PyTorch, and what it computes with them: name.onnx beside name.npz with
the inputs, the output, and the gradient of the output's sum to each parameter as d/NAME. Needs torch and numpy.

    python3 make.py
"""

import pathlib
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

warnings.simplefilter("ignore")
torch.manual_seed(0)
HERE = pathlib.Path(__file__).parent


class Block(nn.Module):
    """A residual block whose branch shrinks the image."""

    def __init__(self, n, m):
        super().__init__()
        self.a, self.na = nn.Conv2d(n, m, 3, 2, 1, bias=False), nn.BatchNorm2d(m)
        self.b, self.nb = nn.Conv2d(m, m, 3, 1, 1, bias=False), nn.BatchNorm2d(m)
        self.c, self.nc = nn.Conv2d(n, m, 1, 2, bias=False), nn.BatchNorm2d(m)

    def forward(self, x):
        return F.relu(self.nb(self.b(F.relu(self.na(self.a(x))))) + self.nc(self.c(x)))


class Inverted(nn.Module):
    """An inverted residual block."""

    def __init__(self, n, t):
        super().__init__()
        m = n * t
        self.f = nn.Sequential(
            nn.Conv2d(n, m, 1, bias=False), nn.BatchNorm2d(m), nn.ReLU6(),
            nn.Conv2d(m, m, 3, 1, 1, groups=m, bias=False), nn.BatchNorm2d(m), nn.ReLU6(),
            nn.Conv2d(m, n, 1, bias=False), nn.BatchNorm2d(n))

    def forward(self, x):
        return x + self.f(x)


class Views(nn.Module):
    """Shapes that are computed from the input's."""

    def __init__(self):
        super().__init__()
        self.c, self.l = nn.Conv2d(2, 4, 3, padding=1), nn.Linear(4 * 5 * 5, 6)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c(x)), 2, ceil_mode=True)
        n, c, h, w = x.size()
        x = x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)
        return F.log_softmax(self.l(x.view(x.size(0), -1)), 1)


class Attention(nn.Module):
    """Patches of an image that look at each other."""

    def __init__(self, d=8, h=2):
        super().__init__()
        self.p, self.h = nn.Conv2d(1, d, 4, 4), h
        self.token, self.place = nn.Parameter(torch.randn(1, 1, d)), nn.Parameter(torch.randn(1, 5, d))
        self.n, self.qkv, self.o = nn.LayerNorm(d), nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.f = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        x = self.p(x).flatten(2).transpose(1, 2)
        x = torch.cat((self.token.expand(x.shape[0], -1, -1), x), 1) + self.place
        b, n, c = x.shape
        q, k, v = self.qkv(self.n(x)).reshape(b, n, 3, self.h, c // self.h).permute(2, 0, 3, 1, 4).unbind(0)
        a = (q @ k.transpose(-2, -1) * (c // self.h) ** -0.5).softmax(-1)
        x = x + self.o((a @ v).transpose(1, 2).reshape(b, n, c))
        return (x + self.f(x))[:, 0]


class Hourglass(nn.Module):
    """Down and up again, by transposed convolution and by interpolation."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 6, 3, 2, 1)
        self.u, self.c = nn.ConvTranspose2d(6, 4, 2, 2), nn.Conv2d(8, 2, 3, padding=1)

    def forward(self, x):
        a = F.hardswish(self.a(x))
        u = self.u(F.leaky_relu(self.b(a), 0.2))
        y = self.c(torch.cat((a, u), 1))
        z = F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False)
        z = z + F.interpolate(y, size=(2 * x.shape[2], 2 * x.shape[3]), mode="nearest")
        z = z + F.interpolate(y, scale_factor=2, mode="bicubic", align_corners=True)
        return F.pad(z, (1, 2, -1, 0), value=0.5)[:, :, 2:] + F.pad(z, (1, 2, 1, 0), mode="reflect")[:, :, ::1, :][:, :, 4:]


def save(name, net, x, opset, dynamic=None):
    for part in net.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.1)
            part.running_var.uniform_(0.5, 1.5)
    for p in net.parameters():  # PyTorch writes equal parameters as one
        p.data += 0.1 * torch.randn(p.shape)
    net.eval()
    # Without folding, so that parameters keep their names.
    torch.onnx.export(net, x, str(HERE / f"{name}.onnx"), opset_version=opset, input_names=["input"], output_names=["output"],
                      dynamic_axes=dynamic, do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE)
    y = net(x)
    named = [(key, p) for key, p in net.named_parameters()]
    gradients = torch.autograd.grad((y * y).sum(), [p for _, p in named])
    np.savez_compressed(HERE / f"{name}.npz", input=x.numpy(), output=y.detach().numpy(),
                        **{f"d/{key}": d.numpy() for (key, _), d in zip(named, gradients)})


batch = {"input": {0: "batch"}}
images = {"input": {0: "batch", 2: "height", 3: "width"}}
save("residual", nn.Sequential(nn.Conv2d(3, 4, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(3, 2, 1), Block(4, 6), nn.AdaptiveAvgPool2d(1),
                               nn.Flatten(1), nn.Linear(6, 5)), torch.randn(2, 3, 12, 12), 13, batch)
save("inverted", nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), Inverted(4, 3), nn.Dropout(0.2), nn.Flatten(), nn.Linear(64, 3)),
     torch.randn(2, 3, 8, 8), 16)
save("views-9", Views(), torch.randn(3, 2, 9, 9), 9, batch)
save("views-13", Views(), torch.randn(3, 2, 9, 9), 13, batch)
save("attention", Attention(), torch.randn(2, 1, 8, 8), 16, batch)
save("hourglass", Hourglass(), torch.randn(1, 2, 6, 8), 11, images)
