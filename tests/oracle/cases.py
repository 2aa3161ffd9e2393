"""The ops: for each the name of this library's function, its random attributes and inputs, and PyTorch's function."""

from collections import namedtuple

import torch
import torch.nn.functional as F

from draw import Input, TooLarge

# draw: from a Draw to (attributes, inputs, function of the inputs' tensors).
Op = namedtuple("Op", "name count draw")

OPS = []


def op(name, count):
    def add(draw):
        OPS.append(Op(name, count, draw))
        return draw
    return add


def unary(name, f, low=-3, high=3):
    op(name, 8)(lambda d: ({}, [d.real(d.shape(), low, high)], f))


def binary(name, f, low=-3, high=3):
    @op(name, 8)
    def draw(d):
        shape = d.shape()
        shapes = [shape, d.smaller(shape)]
        return {}, d.reals(*(shapes if d.flag() else shapes[::-1]), low=low, high=high), f


def comparison(name, f):
    @op(name, 4)
    def draw(d):
        shape = d.shape()
        inputs = [d.whole(s, 0, 2, "constant") for s in (shape, d.smaller(shape))]
        return {}, inputs, lambda a, b: f(a, b).double()


# Elementwise.

unary("Exp", torch.exp)
unary("Expm1", torch.expm1)
unary("Log", torch.log, 0.1)
unary("Log1p", torch.log1p, -0.9)
unary("Sqrt", torch.sqrt, 0.1)
unary("Rsqrt", torch.rsqrt, 0.1)
unary("Reciprocal", torch.reciprocal, 0.1)
unary("Square", torch.square)
unary("Negate", torch.neg)
unary("Sin", torch.sin)
unary("Cos", torch.cos)
unary("Tanh", torch.tanh)
unary("Sigmoid", torch.sigmoid)
unary("Erf", torch.erf)
unary("Softplus", F.softplus)
unary("Relu", torch.relu)
unary("Abs", torch.abs)
unary("Sign", torch.sign)
unary("Floor", torch.floor)
unary("Gelu", F.gelu)

binary("Add", torch.add)
binary("Subtract", torch.sub)
binary("Multiply", torch.mul)
binary("Divide", torch.div, 0.1)
binary("Pow", torch.pow, 0.1)
binary("Maximum", torch.maximum)
binary("Minimum", torch.minimum)

comparison("Less", torch.lt)
comparison("LessOrEqual", torch.le)
comparison("Greater", torch.gt)
comparison("Equal", torch.eq)


@op("LeakyRelu", 6)
def leaky_relu(d):
    slope = d.choice([0.01, 0.2, 1.5])
    return {"slope": slope}, [d.real(d.shape())], lambda x: F.leaky_relu(x, slope)


@op("Where", 8)
def where(d):
    shape = d.shape()
    mask = d.whole(d.smaller(shape), 0, 1, "constant")
    return {}, [mask, *d.reals(shape, d.smaller(shape))], lambda m, a, b: torch.where(m != 0, a, b)


@op("StopGradient", 2)
def stop_gradient(d):
    return {}, [d.real(d.shape())], lambda x: x.detach()


# Reductions.

def reduction(name, f):
    @op(name, 8)
    def draw(d):
        shape = d.shape(least=1)
        axes = [axis - len(shape) if d.flag() else axis for axis in d.axes(len(shape))]
        keep = d.flag()
        if d.int(0, 3) == 0:
            return {}, [d.real(shape)], f
        return {"axes": axes, "keepDims": keep}, [d.real(shape)], lambda x: f(x, dim=axes, keepdim=keep)


def along(name, f, of_all=None):
    @op(name, 8)
    def draw(d):
        shape = d.shape(least=1)
        axis, keep = d.axis(len(shape)), d.flag()
        if of_all is not None and d.int(0, 3) == 0:
            return {}, [d.real(shape)], of_all
        return {"axis": axis, "keepDims": keep}, [d.real(shape)], lambda x: f(x, dim=axis, keepdim=keep)


reduction("Sum", torch.sum)
reduction("Mean", torch.mean)
along("Max", lambda x, dim, keepdim: x.max(dim, keepdim).values, torch.max)
along("Min", lambda x, dim, keepdim: x.min(dim, keepdim).values, torch.min)
along("LogSumExp", torch.logsumexp)
along("Prod", torch.prod)


@op("Prod", 4)
def prod_with_zeros(d):
    shape = d.shape(least=1, most=3)
    axis = d.axis(len(shape))
    x = d.whole(shape, -2, 2, "real")
    return {"axis": axis, "keepDims": True}, [x], lambda x: torch.prod(x, dim=axis, keepdim=True)


def position(name, f):
    @op(name, 4)
    def draw(d):
        shape = d.shape(least=1)
        axis = d.axis(len(shape))
        return {"axis": axis}, [d.real(shape)], lambda x: f(x, dim=axis, keepdim=True)


position("ArgMax", torch.argmax)
position("ArgMin", torch.argmin)


@op("Moments", 6)
def moments(d):
    shape = d.shape(least=1)
    axes = d.axes(len(shape))
    return {"axes": axes}, [d.real(shape)], lambda x: torch.cat(
        [x.mean(axes, keepdim=True), x.var(axes, unbiased=False, keepdim=True)])


# Shapes.

@op("Reshape", 4)
def reshape(d):
    shape = d.shape()
    target = d.stream.sample(shape, len(shape)) + [1] * d.int(0, 2)
    return {"shape": target}, [d.real(shape)], lambda x: x.reshape(target)


@op("Flatten", 3)
def flatten(d):
    return {}, [d.real(d.shape(least=1))], lambda x: x.reshape(x.shape[0], -1)


@op("BroadcastTo", 6)
def broadcast_to(d):
    shape = d.shape()
    return {"shape": shape}, [d.real(d.smaller(shape))], lambda x: x.expand(shape)


@op("Transpose", 8)
def transpose(d):
    shape = d.shape(least=2)
    if d.int(0, 2) == 0:
        return {}, [d.real(shape)], lambda x: x.transpose(-1, -2)
    axes = d.stream.sample(range(len(shape)), len(shape))
    return {"axes": axes}, [d.real(shape)], lambda x: x.permute(axes)


@op("Concat", 8)
def concat(d):
    shape = d.shape(least=1, most=3)
    axis = d.axis(len(shape))
    shapes = [list(shape) for _ in range(d.int(1, 4))]
    for each in shapes:
        each[axis] = d.size()
    return {"axis": axis}, d.reals(*shapes), lambda *xs: torch.cat(xs, axis)


@op("Slice", 8)
def slice_(d):
    shape = d.shape(least=1)
    start = [d.int(0, size - 1) for size in shape]
    step = [d.int(1, 3) for _ in shape]
    size = [d.int(1, (n - 1 - s) // t + 1) for n, s, t in zip(shape, start, step)]
    cut = tuple(slice(s, s + (n - 1) * t + 1, t) for s, n, t in zip(start, size, step))
    return {"start": start, "size": size, "step": step}, [d.real(shape)], lambda x: x[cut]


@op("Part", 4)
def part(d):
    shape = d.shape(least=1)
    axis = d.axis(len(shape))
    start = d.int(0, shape[axis] - 1)
    size = d.int(1, shape[axis] - start)
    return {"axis": axis, "start": start, "size": size}, [d.real(shape)], lambda x: x.narrow(axis, start, size)


@op("Reverse", 4)
def reverse(d):
    shape = d.shape(least=1)
    axes = d.axes(len(shape))
    return {"axes": axes}, [d.real(shape)], lambda x: x.flip(axes)


@op("Rotate180", 3)
def rotate180(d):
    shape = d.shape(least=2)
    return {"firstAxis": len(shape) - 2}, [d.real(shape)], lambda x: torch.rot90(x, 2, (-2, -1))


@op("Dilate", 4)
def dilate(d):
    shape = d.shape(least=1, most=3)
    step = [d.int(1, 3) for _ in shape]

    def f(x):
        y = x.new_zeros([(n - 1) * s + 1 for n, s in zip(shape, step)])
        y[tuple(slice(None, None, s) for s in step)] = x
        return y
    return {"step": step}, [d.real(shape)], f


@op("Pad", 8)
def pad_constant(d):
    shape = d.shape(least=1)
    before, after = ([d.int(0, 2) for _ in shape] for _ in range(2))
    value = d.choice([0, 1.5, -2])
    attributes = {"before": before, "after": after, "mode": "Constant", "value": value}
    return attributes, [d.real(shape)], lambda x: F.pad(x, sides(before, after), "constant", value)


@op("Pad", 24)
def pad_mode(d):
    mode, torch_mode = d.choice([("Edge", "replicate"), ("Reflect", "reflect"), ("Circular", "circular")])
    rank = d.int(1, 3)
    shape = [1, d.int(1, 2)] + [d.int(2, 4) for _ in range(rank)]
    most = {"Edge": 3, "Reflect": 1, "Circular": 2}[mode]
    before, after = ([0, 0] + [d.int(0, most) for _ in range(rank)] for _ in range(2))
    attributes = {"before": before, "after": after, "mode": mode}
    return attributes, [d.real(shape)], lambda x: F.pad(x, sides(before[2:], after[2:]), torch_mode)


def sides(before, after):
    """As F.pad wants it: the last axis first."""
    return [amount for pair in zip(before[::-1], after[::-1]) for amount in pair]


@op("Gather", 6)
def gather(d):
    shape = d.shape(least=1)
    axis = d.axis(len(shape))
    index = d.index([d.int(1, 5)], shape[axis])
    return {"axis": axis}, [d.real(shape), index], lambda x, i: x.index_select(axis, i)


@op("OneHot", 3)
def one_hot(d):
    classes = d.int(1, 5)
    return {"classes": classes}, [d.index(d.shape(most=2), classes)], lambda i: F.one_hot(i, classes).double()


# Products.

@op("MatMul", 12)
def matmul(d):
    m, k, n = d.size(), d.size(), d.size()
    batch = d.shape(most=2)
    a, b = d.reals([*batch, m, k], [*d.smaller(batch), k, n])
    return {}, [a, b], torch.matmul


@op("MatMul", 12)
def matmul_transposed(d):
    m, k, n = d.size(), d.size(), d.size()
    batch = d.shape(most=2)
    turn_a, turn_b = d.choice([(True, False), (False, True), (True, True)])
    a, b = d.reals([*batch, *((k, m) if turn_a else (m, k))], [*batch, *((n, k) if turn_b else (k, n))])
    return {"transposeA": turn_a, "transposeB": turn_b}, [a, b], lambda a, b: torch.matmul(
        a.transpose(-1, -2) if turn_a else a, b.transpose(-1, -2) if turn_b else b)


@op("Dense", 6)
def dense(d):
    n, k, m = d.size(), d.size(), d.size()
    return {}, d.reals([n, k], [m, k], *([[m]] if d.flag() else [])), F.linear


# Convolutions.

def padding(d, size, kernel, stride, dilation):
    """The attribute, and the amounts (before, after) of each axis."""
    rank, reach = len(size), [dilation * (k - 1) for k in kernel]
    kind = d.choice(["none", "amount", "sides", "Same", "Full"])
    if kind == "amount":
        amount = d.int(1, 2)
        return {"padding": amount}, ([amount] * rank, [amount] * rank)
    if kind == "sides":
        before, after = ([d.int(0, 2) for _ in size] for _ in range(2))
        return {"padding": {"before": before, "after": after}}, (before, after)
    if kind == "Same":
        # As many as make ceil(size/stride) positions; of an odd number one more at the end.
        total = [max(0, (-(-n // stride) - 1) * stride + r + 1 - n) for n, r in zip(size, reach)]
        return {"padding": kind}, ([t // 2 for t in total], [t - t // 2 for t in total])
    if kind == "Full":
        return {"padding": kind}, (reach, reach)
    return {}, ([0] * rank, [0] * rank)


def walk(d, rank):
    """An image, a kernel, and how it walks; strides that do not divide, kernels that are not square."""
    most = {1: 9, 2: 5, 3: 3}[rank]
    size, kernel = [d.int(1, most) for _ in range(rank)], [d.int(1, min(3, most)) for _ in range(rank)]
    stride, dilation = d.choice([1, 1, 2, 3]), d.choice([1, 1, 1, 2])
    attribute, (before, after) = padding(d, size, kernel, stride, dilation)
    if any(n + b + a < dilation * (k - 1) + 1 for n, k, b, a in zip(size, kernel, before, after)):
        raise TooLarge
    return size, kernel, stride, dilation, attribute, sides(before, after)


DEFAULTS = {"stride": 1, "dilation": 1, "groups": 1, "padding": 0, "outputPadding": 0}


def numbers(**attributes):
    """Those that are not the default."""
    return {name: value for name, value in attributes.items() if value != DEFAULTS[name]}


def convolution(rank, count):
    conv = [F.conv1d, F.conv2d, F.conv3d][rank - 1]

    @op(f"Conv{rank}D", count)
    def draw(d):
        size, kernel, stride, dilation, pads, amounts = walk(d, rank)
        groups, per = d.choice([1, 1, 2, 3]), d.int(1, 2)
        x, w = d.reals([d.int(1, 2), groups * per, *size], [groups * d.int(1, 2), per, *kernel])
        attributes = {**pads, **numbers(stride=stride, dilation=dilation, groups=groups)}
        return attributes, [x, w], lambda x, w: conv(
            F.pad(x, amounts), w, stride=stride, dilation=dilation, groups=groups)


def transposed(rank, count):
    conv = [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d][rank - 1]

    @op(f"ConvTranspose{rank}D", count)
    def draw(d):
        most = {1: 6, 2: 4, 3: 2}[rank]
        size, kernel = [d.int(1, most) for _ in range(rank)], [d.int(1, min(3, most)) for _ in range(rank)]
        stride, dilation, pad = d.choice([1, 2, 3]), d.choice([1, 1, 2]), d.choice([0, 0, 1])
        more = d.int(0, stride - 1)
        if any((n - 1) * stride - 2 * pad + dilation * (k - 1) + 1 + more < 1 for n, k in zip(size, kernel)):
            raise TooLarge
        groups, per = d.choice([1, 1, 2]), d.int(1, 2)
        channels = groups * d.int(1, 2)
        x, w = d.reals([d.int(1, 2), channels, *size], [channels, per, *kernel])
        attributes = numbers(padding=pad, stride=stride, dilation=dilation, groups=groups, outputPadding=more)
        return attributes, [x, w], lambda x, w: conv(
            x, w, stride=stride, padding=pad, output_padding=more, groups=groups, dilation=dilation)


convolution(1, 24)
convolution(2, 60)
convolution(3, 20)
transposed(1, 12)
transposed(2, 24)
transposed(3, 8)


@op("DepthwiseConv2D", 6)
def depthwise(d):
    size, kernel, stride, dilation, pads, amounts = walk(d, 2)
    channels, multiplier = d.int(1, 3), d.int(1, 2)
    x, w = d.reals([d.int(1, 2), channels, *size], [channels * multiplier, 1, *kernel])
    return {**pads, **numbers(stride=stride, dilation=dilation)}, [x, w], lambda x, w: F.conv2d(
        F.pad(x, amounts), w, stride=stride, dilation=dilation, groups=channels)


@op("SeparableConv2D", 4)
def separable(d):
    size, kernel, stride, dilation, pads, amounts = walk(d, 2)
    if dilation != 1:
        raise TooLarge
    channels = d.int(1, 3)
    x, w, p = d.reals([1, channels, *size], [channels, 1, *kernel], [d.int(1, 3), channels, 1, 1])
    return {**pads, **numbers(stride=stride)}, [x, w, p], lambda x, w, p: F.conv2d(
        F.conv2d(F.pad(x, amounts), w, stride=stride, groups=channels), p)


def correlation(name, turn):
    @op(name, 6)
    def draw(d):
        rank = d.int(1, 3)
        size, kernel, stride, dilation, pads, amounts = walk(d, rank)
        if dilation != 1:
            raise TooLarge
        conv = [F.conv1d, F.conv2d, F.conv3d][rank - 1]
        return {**pads, **numbers(stride=stride)}, d.reals(size, kernel), lambda x, w: conv(
            F.pad(x, amounts)[None, None], turn(w)[None, None], stride=stride)[0, 0]


correlation("CrossCorrelate", lambda w: w)
correlation("Convolve", lambda w: w.flip(list(range(w.dim()))))


# Pools: PyTorch allows padding up to half the window.

def pool_walk(d, rank):
    most = {1: 9, 2: 6, 3: 4}[rank]
    size, kernel = [d.int(2, most) for _ in range(rank)], d.int(1, 3)
    stride, pad = d.choice([None, 1, 2, 3]), d.int(0, kernel // 2)
    # PyTorch's mean over three axes wants images that are no smaller than the window, whatever the padding.
    if any(n + (0 if rank == 3 else 2 * pad) < kernel for n in size):
        raise TooLarge
    x = d.real([d.int(1, 2), d.int(1, 2), *size])
    attributes = {"kernel": kernel, **({} if stride is None else {"stride": stride}), **({"padding": pad} if pad else {})}
    return x, kernel, stride, pad, attributes


def pools(rank, count):
    largest, mean = [(F.max_pool1d, F.avg_pool1d), (F.max_pool2d, F.avg_pool2d), (F.max_pool3d, F.avg_pool3d)][rank - 1]

    @op("MaxPool", count)
    def draw_max(d):
        x, kernel, stride, pad, attributes = pool_walk(d, rank)
        dilation, ceil = d.choice([1, 1, 2]), d.flag()
        if any(n + 2 * pad < dilation * (kernel - 1) + 1 for n in x.tensor.shape[2:]):
            raise TooLarge
        return {**attributes, **numbers(dilation=dilation), "ceil": ceil}, [x], lambda x: largest(
            x, kernel, stride, pad, dilation=dilation, ceil_mode=ceil)

    @op("AvgPool", count)
    def draw_mean(d):
        x, kernel, stride, pad, attributes = pool_walk(d, rank)
        ceil, count_padding = d.flag(), d.flag()
        return {**attributes, "ceil": ceil, "countPadding": count_padding}, [x], lambda x: mean(
            x, kernel, stride, pad, ceil_mode=ceil, count_include_pad=count_padding)

    @op("SumPool", 3)
    def draw_sum(d):
        x, kernel, stride, pad, attributes = pool_walk(d, rank)
        return attributes, [x], lambda x: mean(x, kernel, stride, pad) * kernel**rank


pools(1, 12)
pools(2, 24)
pools(3, 8)


def image(d):
    return d.real([d.int(1, 2), d.int(1, 3)] + [d.int(1, 4) for _ in range(d.int(1, 3))])


op("GlobalMaxPool", 3)(lambda d: ({}, [image(d)], lambda x: x.amax(list(range(2, x.dim())))))
op("GlobalAveragePool", 3)(lambda d: ({}, [image(d)], lambda x: x.mean(list(range(2, x.dim())))))


# Networks.

def softmax(name, f):
    @op(name, 6)
    def draw(d):
        shape = d.shape(least=1)
        axis = d.axis(len(shape))
        return {"axis": axis}, [d.real(shape)], lambda x: f(x, axis)


softmax("Softmax", F.softmax)
softmax("LogSoftmax", F.log_softmax)


@op("SoftmaxCrossEntropy", 6)
def cross_entropy_of_labels(d):
    n, classes = d.size(), d.size()
    return {}, [d.real([n, classes]), d.index([n], classes)], F.cross_entropy


@op("SoftmaxCrossEntropy", 4)
def cross_entropy_of_distributions(d):
    shape = [d.size(), d.size()]
    return {}, d.reals(shape, shape), F.cross_entropy


@op("CrossEntropy", 4)
def negative_log_likelihood(d):
    n, classes = d.size(), d.size()
    return {}, [d.real([n, classes]), d.index([n], classes)], F.nll_loss


@op("MeanSquaredError", 4)
def mean_squared_error(d):
    shape = d.shape()
    return {}, d.reals(shape, shape), F.mse_loss


@op("BatchNorm", 6)
def batch_norm_in_use(d):
    x = image(d)
    channels = x.tensor.shape[1]
    mean, scale, shift = d.reals([channels], [channels], [channels])
    variance = d.real([channels], 0.1)
    epsilon = d.choice([1e-5, 1e-3])
    # The running moments: PyTorch gives them no gradient.
    moments = [Input(mean.tensor, "constant"), Input(variance.tensor, "constant")]
    return {"training": False, "epsilon": epsilon}, [x, *moments, scale, shift], lambda x, m, v, a, b: F.batch_norm(
        x, m, v, a, b, training=False, eps=epsilon)


@op("BatchNorm", 8)
def batch_norm_in_training(d):
    x = image(d)
    shape = x.tensor.shape
    if shape.numel() == shape[1]:
        raise TooLarge
    scale, shift = d.reals([shape[1]], [shape[1]])
    epsilon = d.choice([1e-5, 1e-3])
    return {"training": True, "epsilon": epsilon}, [x, scale, shift], lambda x, a, b: F.batch_norm(
        x, None, None, a, b, training=True, eps=epsilon)
