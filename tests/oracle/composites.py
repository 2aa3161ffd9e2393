"""The composites, as cases.py has the ops that they are made of."""

import torch
import torch.nn.functional as F

from cases import image, op, pool_walk, softmax, unary
from draw import Input, TooLarge

# Activations, of which none has a kink at an odd multiple of 1/256.

unary("Ceil", torch.ceil)
unary("Round", torch.round)
unary("GeluTanh", lambda x: F.gelu(x, approximate="tanh"))
unary("Silu", F.silu)
unary("Mish", F.mish)
unary("Softsign", F.softsign)
unary("Tanhshrink", F.tanhshrink)
unary("LogSigmoid", F.logsigmoid)
unary("Relu6", F.relu6)
unary("Selu", F.selu)
# The slope of F.hardsigmoid is 1/6 in single precision only.
unary("HardSigmoid", lambda x: F.relu6(x + 3) / 6)
unary("HardSwish", F.hardswish)

softmax("Softmin", F.softmin)


def activation(name, f, **choices):
    """An activation with numbers, each drawn from its choices."""
    @op(name, 6)
    def draw(d):
        numbers = {key: d.choice(values) for key, values in choices.items()}
        return numbers, [d.real(d.shape())], lambda x: f(x, *numbers.values())


activation("Elu", F.elu, alpha=[1, 0.5, 2])
activation("Celu", F.celu, alpha=[1, 0.5, 2])
activation("HardTanh", F.hardtanh, low=[-1, -0.5], high=[1, 2])
activation("Clamp", torch.clamp, low=[-1, -0.5], high=[1, 2])
activation("HardShrink", F.hardshrink, bound=[0.5, 1])
activation("SoftShrink", F.softshrink, bound=[0.5, 1])
activation("Threshold", F.threshold, bound=[0, 1, -1], value=[2, -3])
activation("SoftplusOf", F.softplus, beta=[0.5, 2], threshold=[20, 1])


@op("PRelu", 6)
def prelu(d):
    x = image(d)
    slope = d.real([x.tensor.shape[1] if d.flag() else 1])
    return {}, [x, slope], F.prelu


@op("Glu", 6)
def glu(d):
    shape = d.shape(least=1)
    axis = d.axis(len(shape))
    shape[axis] = 2 * d.int(1, 2)
    return {"axis": axis}, [d.real(shape)], lambda x: F.glu(x, axis)


# Reductions and norms.

@op("CumSum", 6)
def cumsum(d):
    shape = d.shape(least=1)
    axis = d.axis(len(shape))
    return {"axis": axis}, [d.real(shape)], lambda x: x.cumsum(axis)


def over_axes(name, f):
    @op(name, 6)
    def draw(d):
        shape = d.shape(least=1)
        axes, keep = d.axes(len(shape)), d.flag()
        return {"axes": axes, "keepDims": keep}, [d.real(shape)], lambda x: f(x, axes, keep)


over_axes("MaxOver", torch.amax)
over_axes("MinOver", torch.amin)
over_axes("LogSumExpOver", torch.logsumexp)


def spread(name, f):
    @op(name, 6)
    def draw(d):
        shape = d.shape(least=1)
        axes, keep, correction = d.axes(len(shape)), d.flag(), d.int(0, 1)
        if torch.Size(shape[axis] for axis in axes).numel() < 2:
            raise TooLarge
        return {"axes": axes, "keepDims": keep, "correction": correction}, [d.real(shape)], lambda x: f(
            x, dim=axes, keepdim=keep, correction=correction)


spread("Variance", torch.var)
spread("Std", torch.std)


@op("Norm", 10)
def norm(d):
    shape = d.shape(least=1)
    axes, keep, p = d.axes(len(shape)), d.flag(), d.choice([1, 2, 3, 1.5, -1])
    return {"p": p, "axes": axes, "keepDims": keep}, [d.real(shape)], lambda x: torch.linalg.vector_norm(x, p, axes, keep)


@op("NormOfLargest", 4)
def largest(d):
    shape = d.shape(least=1)
    axes, keep = d.axes(len(shape)), d.flag()
    # Of one sign, so that no two are equally large.
    return {"axes": axes, "keepDims": keep}, [d.real(shape, 0.01)], lambda x: torch.linalg.vector_norm(
        x, float("inf"), axes, keep)


@op("Normalize", 6)
def normalize(d):
    shape = d.shape(least=1)
    axis, p = d.axis(len(shape)), d.choice([1, 2, 3])
    if shape[axis] < 2:
        raise TooLarge
    return {"p": p, "axis": axis}, [d.real(shape)], lambda x: F.normalize(x, p, axis)


@op("CosineSimilarity", 4)
def cosine_similarity(d):
    shape = d.shape(least=1)
    axis = d.axis(len(shape))
    return {"axis": axis}, d.reals(shape, shape), lambda a, b: F.cosine_similarity(a, b, axis)


@op("PairwiseDistance", 4)
def pairwise_distance(d):
    shape, p = [d.size(), d.size()], d.choice([1, 2, 3])
    return {"p": p}, d.reals(shape, shape), lambda a, b: F.pairwise_distance(a, b, p)


# Normalisation. Two numbers alone become 1 and -1 whatever they are: of their derivatives, all but 0, rounding is the
# larger part. So there are three at least.

def scaled(d, shape):
    """Scale and shift, or neither."""
    return d.reals(shape, shape) if d.flag() else []


def weights(rest):
    return rest if rest else (None, None)


@op("LayerNorm", 8)
def layer_norm(d):
    shape = d.shape(least=1)
    axis = d.axis(len(shape))
    if torch.Size(shape[axis:]).numel() < 3:
        raise TooLarge
    epsilon = d.choice([1e-5, 1e-2])
    return {"axis": axis, "epsilon": epsilon}, [d.real(shape), *scaled(d, shape[axis:])], lambda x, *rest: F.layer_norm(
        x, shape[axis:], *weights(rest), eps=epsilon)


@op("GroupNorm", 8)
def group_norm(d):
    groups, per, size = d.int(1, 3), d.int(1, 2), [d.int(1, 4) for _ in range(d.int(0, 3))]
    if per * torch.Size(size).numel() < 3:
        raise TooLarge
    epsilon = d.choice([1e-5, 1e-2])
    x = d.real([d.int(1, 2), groups * per, *size])
    return {"groups": groups, "epsilon": epsilon}, [x, *scaled(d, [groups * per])], lambda x, *rest: F.group_norm(
        x, groups, *weights(rest), eps=epsilon)


@op("InstanceNorm", 6)
def instance_norm(d):
    x = image(d)
    if x.tensor.shape[2:].numel() < 3:
        raise TooLarge
    return {}, [x, *scaled(d, [x.tensor.shape[1]])], lambda x, *rest: F.instance_norm(
        x, None, None, *weights(rest))


@op("LocalResponseNorm", 6)
def local_response_norm(d):
    x, size = d.real([d.int(1, 2), d.int(1, 6)] + [d.int(1, 4) for _ in range(d.int(1, 3))]), d.int(1, 5)
    alpha, beta, k = d.choice([1e-4, 0.5]), d.choice([0.75, 0.5]), d.choice([1, 2])
    return {"size": size, "alpha": alpha, "beta": beta, "k": k}, [x], lambda x: F.local_response_norm(
        x, size, alpha, beta, k)


# Pools.

@op("LpPool", 6)
def lp_pool(d):
    rank = d.int(1, 2)
    x, kernel, stride, pad, attributes = pool_walk(d, rank)
    if pad:
        raise TooLarge
    p, ceil = d.choice([1, 2, 3]), d.flag()
    # PyTorch takes no absolute values.
    positive = Input(x.tensor.abs(), "real")
    return {**attributes, "p": p, "ceil": ceil}, [positive], lambda x: [F.lp_pool1d, F.lp_pool2d][rank - 1](
        x, p, kernel, stride, ceil)


@op("GlobalLpPool", 3)
def global_lp_pool(d):
    p = d.choice([1, 2, 3])
    return {"p": p}, [image(d)], lambda x: torch.linalg.vector_norm(x, p, list(range(2, x.dim())))


def adaptive(name, functions):
    @op(name, 9)
    def draw(d):
        x = d.real([d.int(1, 2), d.int(1, 2)] + [d.int(1, 6) for _ in range(d.int(1, 3))])
        size = [d.int(1, 5) for _ in x.tensor.shape[2:]]
        return {"size": size}, [x], lambda x: functions[len(size) - 1](x, size)


adaptive("AdaptiveAvgPool", [F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d])
adaptive("AdaptiveMaxPool", [F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d])


def pooled(d, stride_is_kernel):
    rank = d.int(1, 3)
    x, kernel, stride, pad, attributes = pool_walk(d, rank)
    if stride_is_kernel and stride is not None:
        raise TooLarge
    pool = [F.max_pool1d, F.max_pool2d, F.max_pool3d][rank - 1]
    return x, attributes, lambda x: pool(x, kernel, stride, pad, return_indices=True)


@op("MaxPoolIndices", 6)
def max_pool_indices(d):
    x, attributes, f = pooled(d, False)
    return attributes, [x], lambda x: f(x)[1]


@op("MaxUnpool", 6)
def max_unpool(d):
    x, attributes, f = pooled(d, True)
    y, index = f(x.tensor)
    size, rank, kernel = list(x.tensor.shape[2:]), x.tensor.dim() - 2, attributes["kernel"]
    unpool = [F.max_unpool1d, F.max_unpool2d, F.max_unpool3d][rank - 1]
    pad = attributes.get("padding", 0)
    return {"size": size}, [d.real(y.shape), Input(index, "index")], lambda y, index: unpool(
        y, index, kernel, None, pad, list(x.tensor.shape))


# Images of other sizes, and at other places.

@op("Resize", 30)
def resize(d):
    rank = d.int(1, 3)
    x = d.real([1, d.int(1, 2)] + [d.int(1, 5) for _ in range(rank)])
    size = [d.int(1, 6) for _ in range(rank)]
    mode = d.choice(["Nearest", "Linear", "Cubic"] if rank == 2 else ["Nearest", "Linear"])
    align = mode != "Nearest" and d.flag()
    name = {"Nearest": "nearest", "Linear": ["linear", "bilinear", "trilinear"][rank - 1], "Cubic": "bicubic"}[mode]
    return {"size": size, "mode": mode, "alignCorners": align}, [x], lambda x: F.interpolate(
        x, size, mode=name, align_corners=None if mode == "Nearest" else align)


@op("GridSample", 30)
def grid_sample(d):
    n, h, w = d.int(1, 2), d.int(1, 5), d.int(1, 5)
    mode = d.choice(["Nearest", "Linear", "Cubic"])
    pad, name = d.choice([("Constant", "zeros"), ("Edge", "border"), ("Reflect", "reflection")])
    align = d.flag()
    x, grid = d.reals([n, d.int(1, 2), h, w], [n, d.int(1, 3), d.int(1, 3), 2])
    way = {"Nearest": "nearest", "Linear": "bilinear", "Cubic": "bicubic"}[mode]
    return {"mode": mode, "padding": pad, "alignCorners": align}, [x, grid], lambda x, grid: F.grid_sample(
        x, grid, way, name, align)


@op("AffineGrid", 4)
def affine_grid(d):
    n, size, align = d.int(1, 2), [d.int(1, 4), d.int(1, 4)], d.flag()
    return {"size": size, "alignCorners": align}, [d.real([n, 2, 3])], lambda theta: F.affine_grid(
        theta, [n, 1, *size], align)


def unfolding(d):
    kernel = [d.int(1, 2), d.int(1, 3)]
    stride, dilation, pad = d.int(1, 2), d.int(1, 2), d.int(0, 1)
    size = [d.int(1, 5), d.int(1, 5)]
    if any(n + 2 * pad < dilation * (k - 1) + 1 for n, k in zip(size, kernel)):
        raise TooLarge
    attributes = {"kernel": kernel, "stride": stride, "dilation": dilation, "padding": pad}
    return size, attributes, (kernel, dilation, pad, stride)


@op("Patches", 6)
def patches(d):
    size, attributes, walk = unfolding(d)
    return attributes, [d.real([d.int(1, 2), d.int(1, 2), *size])], lambda x: F.unfold(x, *walk)


@op("Fold", 6)
def fold(d):
    size, attributes, walk = unfolding(d)
    columns = F.unfold(torch.zeros([d.int(1, 2), d.int(1, 2), *size]), *walk)
    return {**attributes, "size": size}, [d.real(columns.shape)], lambda x: F.fold(x, size, *walk)


# Parts moved, repeated, joined and multiplied.

@op("Tile", 4)
def tile(d):
    shape = d.shape(least=1, most=3)
    times = [d.int(1, 3) for _ in shape]
    return {"times": times}, [d.real(shape)], lambda x: x.repeat(times)


@op("RepeatInterleave", 4)
def repeat_interleave(d):
    shape = d.shape(least=1)
    axis, times = d.axis(len(shape)), d.int(1, 3)
    return {"times": times, "axis": axis}, [d.real(shape)], lambda x: x.repeat_interleave(times, axis)


@op("Roll", 4)
def roll(d):
    shape = d.shape(least=1)
    axis, shift = d.axis(len(shape)), d.int(-6, 6)
    return {"shift": shift, "axis": axis}, [d.real(shape)], lambda x: x.roll(shift, axis)


@op("Stack", 4)
def stack(d):
    shape = d.shape(most=3)
    axis = d.axis(len(shape) + 1)
    return {"axis": axis}, d.reals(*[shape] * d.int(1, 3)), lambda *xs: torch.stack(xs, axis)


@op("Split", 4)
def split(d):
    shape = d.shape(least=1)
    axis = d.axis(len(shape))
    sizes = [d.int(1, 3) for _ in range(d.int(1, 3))]
    shape[axis] = sum(sizes)
    which = d.int(0, len(sizes) - 1)
    return {"sizes": sizes, "axis": axis, "which": which}, [d.real(shape)], lambda x: x.split(sizes, axis)[which]


@op("PixelShuffle", 3)
def pixel_shuffle(d):
    r = d.int(1, 3)
    return {"r": r}, [d.real([d.int(1, 2), d.int(1, 2) * r * r, d.int(1, 3), d.int(1, 3)])], lambda x: F.pixel_shuffle(x, r)


@op("PixelUnshuffle", 3)
def pixel_unshuffle(d):
    r = d.int(1, 3)
    return {"r": r}, [d.real([d.int(1, 2), d.int(1, 2), r * d.int(1, 2), r * d.int(1, 2)])], lambda x: F.pixel_unshuffle(
        x, r)


@op("ChannelShuffle", 3)
def channel_shuffle(d):
    groups = d.int(1, 3)
    x = d.real([d.int(1, 2), groups * d.int(1, 3), d.int(1, 3), d.int(1, 3)])
    return {"groups": groups}, [x], lambda x: torch.stack(x.split(x.shape[1] // groups, 1), 2).flatten(1, 2)


EQUATIONS = [
    "ij,jk->ik", "ij,kj", "bij,bjk->bik", "bii->b", "ii", "i,j->ij", "ij->ji", "ijk->", "abc,cd,de->abe", "ij,ij->i",
    "nchw,oc->nohw", "ba,ac,cb->", "iij->j", "...ij,...jk->...ik", "...i->...", "i...,j...->ij...", "...ij->...ji", "...,...",
    "b...i,...i->b...", "i...j",
]


@op("Einsum", 40)
def einsum(d):
    equation = d.choice(EQUATIONS)
    sizes = {letter: d.int(1, 4) for letter in equation if letter.isalpha()}
    more = [d.int(1, 3) for _ in range(d.int(0, 2))]

    def shape(letters):
        first, dots, last = letters.partition("...")
        return [sizes[c] for c in first] + (d.smaller(more) if dots else []) + [sizes[c] for c in last]
    shapes = [shape(letters) for letters in equation.split("->")[0].split(",")]
    return {"equation": equation}, d.reals(*shapes), lambda *xs: torch.einsum(equation, *xs)


# Losses.

def reduced(d):
    name = d.choice(["None", "Mean", "Sum"])
    return {"reduction": name}, {"reduction": name.lower()}


def regression(name, f, **choices):
    @op(name, 6)
    def draw(d):
        shape = d.shape()
        numbers = {key: d.choice(values) for key, values in choices.items()}
        attribute, how = reduced(d)
        return {**numbers, **attribute}, d.reals(shape, shape), lambda y, t: f(y, t, **numbers, **how)


regression("MeanSquaredErrorOf", F.mse_loss)
regression("L1Loss", F.l1_loss)
# Differences are even multiples of 1/256: none is as large as these.
regression("HuberLoss", F.huber_loss, delta=[0.7, 1.3])
regression("SmoothL1Loss", F.smooth_l1_loss, beta=[0.7, 1.3, 0])


@op("PoissonNllLoss", 6)
def poisson(d):
    shape, is_log, full = d.shape(), d.flag(), d.flag()
    y = d.real(shape, -3 if is_log else 0.1)
    target = Input(d.values(shape, 0.1, 4), "constant")
    attribute, how = reduced(d)
    return {"isLog": is_log, "full": full, **attribute}, [y, target], lambda y, t: F.poisson_nll_loss(
        y, t, log_input=is_log, full=full, **how)


@op("GaussianNllLoss", 6)
def gaussian(d):
    shape, full = d.shape(least=1), d.flag()
    y, target = d.reals(shape, shape)
    variance, epsilon = d.real(shape, 0.05), d.choice([1e-6, 0.5])
    attribute, how = reduced(d)
    return {"full": full, "epsilon": epsilon, **attribute}, [y, target, variance], lambda y, t, v: F.gaussian_nll_loss(
        y, t, v, full=full, eps=epsilon, **how)


@op("KlDivLoss", 6)
def kl_div(d):
    shape, is_log = d.shape(), d.flag()
    y, target = d.real(shape), d.real(shape, *((-3, 0) if is_log else (0.1, 1)))
    attribute, how = reduced(d)
    return {"isLog": is_log, **attribute}, [y, target], lambda y, t: F.kl_div(y, t, log_target=is_log, **how)


@op("BinaryCrossEntropy", 6)
def binary_cross_entropy(d):
    shape = d.shape()
    target = Input(d.values(shape, 0, 1), "constant")
    more = [Input(d.values(shape, 0.1, 2), "constant")] if d.flag() else []
    attribute, how = reduced(d)
    return attribute, [d.real(shape, 0.02, 0.98), target, *more], lambda p, t, w=None: F.binary_cross_entropy(
        p, t, weight=w, **how)


@op("BinaryCrossEntropyWithLogits", 6)
def binary_cross_entropy_with_logits(d):
    shape = d.shape()
    target = Input(d.values(shape, 0, 1), "constant")
    more = [Input(d.values(shape, 0.1, 2), "constant") for _ in range(d.choice([0, 1, 2]))]
    attribute, how = reduced(d)
    return attribute, [d.real(shape), target, *more], lambda x, t, w=None, p=None: F.binary_cross_entropy_with_logits(
        x, t, weight=w, pos_weight=p, **how)


def signs(d, shape):
    values = d.whole(shape, 0, 1, "constant").tensor
    return Input(2 * values - 1, "constant")


@op("HingeEmbeddingLoss", 4)
def hinge_embedding(d):
    shape, margin = d.shape(), d.choice([1, 0.5])
    attribute, how = reduced(d)
    return {"margin": margin, **attribute}, [d.real(shape), signs(d, shape)], lambda x, y: F.hinge_embedding_loss(
        x, y, margin=margin, **how)


@op("SoftMarginLoss", 4)
def soft_margin(d):
    shape = d.shape()
    attribute, how = reduced(d)
    return attribute, [d.real(shape), signs(d, shape)], lambda x, y: F.soft_margin_loss(x, y, **how)


@op("MarginRankingLoss", 4)
def margin_ranking(d):
    shape, margin = [d.size()], d.choice([0, 0.3])
    attribute, how = reduced(d)
    return {"margin": margin, **attribute}, [*d.reals(shape, shape), signs(d, shape)], lambda a, b, y: (
        F.margin_ranking_loss(a, b, y, margin=margin, **how))


@op("MultiMarginLoss", 6)
def multi_margin(d):
    n, classes, p, margin = d.size(), d.size(), d.int(1, 2), d.choice([0.3, 1.3])
    weight = [Input(d.values([classes], 0.1, 2), "constant")] if d.flag() else []
    attribute, how = reduced(d)
    return {"p": p, "margin": margin, **attribute}, [d.real([n, classes]), d.index([n], classes), *weight], (
        lambda x, y, w=None: F.multi_margin_loss(x, y, p=p, margin=margin, weight=w, **how))


@op("CosineEmbeddingLoss", 4)
def cosine_embedding(d):
    n, size, margin = d.size(), d.int(2, 4), d.choice([0, 0.3])
    attribute, how = reduced(d)
    return {"margin": margin, **attribute}, [*d.reals([n, size], [n, size]), signs(d, [n])], lambda a, b, y: (
        F.cosine_embedding_loss(a, b, y, margin=margin, **how))


@op("TripletMarginLoss", 6)
def triplet_margin(d):
    shape, margin, p, swap = [d.size(), d.size()], d.choice([1, 0.3]), d.choice([1, 2, 3]), d.flag()
    attribute, how = reduced(d)
    return {"margin": margin, "p": p, "swap": swap, **attribute}, d.reals(shape, shape, shape), lambda a, b, c: (
        F.triplet_margin_loss(a, b, c, margin=margin, p=p, swap=swap, **how))


def class_weights(d, classes):
    return [Input(d.values([classes], 0.1, 2), "constant")] if d.flag() else []


@op("SoftmaxCrossEntropyOf", 12)
def cross_entropy(d):
    n, classes, size = d.size(), d.size(), [d.int(1, 3) for _ in range(d.int(0, 2))]
    smoothing = d.choice([0, 0.1, 0.5])
    by_index = d.flag()
    labels = d.index([n, *size], classes) if by_index else Input(d.values([n, classes, *size], 0, 1), "constant")
    ignore = d.int(0, classes - 1) if by_index and d.flag() else None
    if ignore is not None and bool((labels.tensor == ignore).all()):
        raise TooLarge
    attribute, how = reduced(d)
    attributes = {"smoothing": smoothing, **({} if ignore is None else {"ignore": ignore}), **attribute}
    return attributes, [d.real([n, classes, *size]), labels, *class_weights(d, classes)], lambda x, y, w=None: (
        F.cross_entropy(x, y, w, label_smoothing=smoothing, ignore_index=-100 if ignore is None else ignore, **how))


@op("CrossEntropyOf", 6)
def nll_loss(d):
    n, classes, size = d.size(), d.size(), [d.int(1, 3) for _ in range(d.int(0, 2))]
    attribute, how = reduced(d)
    labels = d.index([n, *size], classes)
    return attribute, [d.real([n, classes, *size]), labels, *class_weights(d, classes)], lambda x, y, w=None: (
        F.nll_loss(x, y, w, **how))
