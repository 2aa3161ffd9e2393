#!/usr/bin/env python3
"""The peer of `bench --functions`: times expressions of PyTorch (eager, CPU, float32).

    functions.py THREADS

For each line of JSON on the standard input, {"inputs", "code", "train", "orders", "seconds"}, it prints one: {"ms", "sums"},
the shortest time of a step, with "orders" also of one on images whose channels are last in memory, and the sums of the
absolute values of its results, or {"error"}. Inputs are made by the hash of
Hash.cs, bit by bit those of the bench. A result that PyTorch gives as a view of other memory is copied: ours is memory
that may be written to.
"""
import json
import os
import sys
import time
import warnings

if 'FUNCTIONS_PEER' not in os.environ:
    os.environ.update({
        'FUNCTIONS_PEER': '1', 'OMP_NUM_THREADS': sys.argv[1], 'OPENBLAS_NUM_THREADS': sys.argv[1],
        # Keep freed tensors in the heap, in huge pages, instead of giving them back to the kernel at once.
        'GLIBC_TUNABLES': 'glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=17179869184'
                          ':glibc.malloc.top_pad=268435456:glibc.malloc.hugetlb=1'})
    if 'avx512vl' in open('/proc/cpuinfo').read():
        os.environ.setdefault('OPENBLAS_CORETYPE', 'SkylakeX')
        os.environ.setdefault('ATEN_CPU_CAPABILITY', 'avx512')
    os.execv(sys.executable, [sys.executable] + sys.argv)

import numpy as np
import torch
import torch.nn.functional as F

warnings.simplefilter('ignore')
torch.set_num_threads(int(sys.argv[1]))
COTANGENT = 77


def hashes(seed, count):
    x = np.arange(count, dtype=np.uint32) + np.uint32(seed * 0x9E3779B9 % 2 ** 32)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def tensor(shape, seed, kind):
    h = hashes(seed, int(np.prod(shape)))
    if kind[0] == 'i':
        return torch.from_numpy((h % np.uint32(int(kind[1:]))).astype(np.int64).reshape(shape))
    u = (h >> np.uint32(8)).astype(np.float32) / np.float32(2 ** 24)
    values = {'u': 2 * u - 1, 'w': 6 * u - 3, 'p': u + 0.25, 'o': 0.5 * u + 0.75, 's': np.where(u < 0.5, -1, 1)}[kind[0]]
    return torch.from_numpy(values.astype(np.float32).reshape(shape)).requires_grad_(not kind.endswith('c'))


def inputs(text):
    parts = [part.split(':') for part in text.split(' ')]
    return [tensor([int(size) for size in shape.split(',')], i + 1, kind) for i, (shape, kind) in enumerate(parts)]


def measure(job):
    f, x = eval('lambda x: ' + job['code']), inputs(job['inputs'])
    orders = [torch.contiguous_format, torch.channels_last] if job['orders'] else [torch.contiguous_format]
    results = [measure_in(order, job, f, x) for order in orders]
    return {'ms': min(ms for ms, _ in results), 'sums': results[0][1]}


def measure_in(order, job, f, x):
    x = [each.detach().contiguous(memory_format=order).requires_grad_(each.requires_grad) for each in x]
    variables = [each for each in x if each.requires_grad]
    if job['train']:
        dy = tensor(f(x).shape, COTANGENT, 'uc').contiguous(memory_format=order)

        def step():
            y = f(x)
            return y, *(each.contiguous(memory_format=order) for each in torch.autograd.grad(y, variables, dy))
    else:
        x = [each.detach() for each in x]

        def step():
            with torch.no_grad():
                return f(x),

    def least(seconds):
        best, steps, start = float('inf'), 0, time.perf_counter()
        while steps < 5 or time.perf_counter() - start < seconds:
            begin = time.perf_counter()
            results = step()
            best, steps = min(best, time.perf_counter() - begin), steps + 1
        return best, results

    least(job['seconds'] / 2)
    best, results = least(job['seconds'])
    return best * 1e3, [float(each.detach().double().abs().sum()) for each in results]


for line in sys.stdin:
    try:
        print(json.dumps(measure(json.loads(line))), flush=True)
    except Exception as error:
        print(json.dumps({'error': repr(error)[:200]}), flush=True)
