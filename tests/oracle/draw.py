"""Random shapes, numbers and tensors for the cases."""

from collections import namedtuple

import torch

# A kind is "real" (has a gradient), "constant" (real, without) or "index".
Input = namedtuple("Input", "tensor kind")

GRID = 256


class TooLarge(Exception):
    """Thrown away and drawn again."""


class Draw:
    """A stream of random things. Reals are odd multiples of 1/256 in (-3, 3), exact in single precision too, never 0 and
    never whole; those drawn together differ, so no case lies on a kink."""

    def __init__(self, stream):
        self.stream = stream
        self.int, self.choice = stream.randint, stream.choice

    def flag(self):
        return self.stream.random() < 0.5

    def size(self):
        return self.choice([1, 2, 2, 3, 3, 4, 5])

    def shape(self, least=0, most=4):
        return [self.size() for _ in range(self.int(least, most))]

    def axis(self, rank):
        """An axis, sometimes counted from the end."""
        return self.int(-rank, rank - 1)

    def axes(self, rank):
        return sorted(self.stream.sample(range(rank), self.int(1, rank)))

    def smaller(self, shape):
        """A shape that broadcasts to another: sizes of 1, and missing first axes."""
        kept = [size if self.stream.random() < 0.6 else 1 for size in shape]
        return kept[self.int(0, len(kept)):] if self.flag() else kept

    def values(self, shape, low=-3, high=3):
        odd = range(int(low * GRID) | 1, int(high * GRID), 2)
        count = torch.Size(shape).numel()
        if count > len(odd):
            raise TooLarge
        return torch.tensor([k / GRID for k in self.stream.sample(odd, count)], dtype=torch.double).reshape(shape)

    def real(self, shape, low=-3, high=3):
        return Input(self.values(shape, low, high), "real")

    def reals(self, *shapes, low=-3, high=3):
        """Tensors that have no number in common."""
        counts = [torch.Size(shape).numel() for shape in shapes]
        parts = self.values([sum(counts)], low, high).split(counts)
        return [Input(part.clone().reshape(shape), "real") for part, shape in zip(parts, shapes)]

    def whole(self, shape, least, most, kind):
        count = torch.Size(shape).numel()
        numbers = torch.tensor([self.int(least, most) for _ in range(count)])
        return Input((numbers if kind == "index" else numbers.double()).reshape(shape), kind)

    def index(self, shape, size):
        return self.whole(shape, 0, size - 1, "index")
