#!/usr/bin/env python3
"""Writes the convolutions and pools of the peers' torch_bench.py as ONNX files, for onnxruntime.

    export_onnx.py PEERS_FOLDER CASE OUTPUT.onnx

torch_bench.py itself exports networks only; input and weights are its own.
"""
import sys

peers, case, output = sys.argv[1:]
sys.path.insert(0, peers)
sys.dont_write_bytecode = True
import torch
import torch_bench as peer

peer.torch = torch
kind, _, name = case.partition('_')
if kind == 'conv':
    n, cin, h, w, cout, k, s, p, groups = peer.CONVS[name]
    x = peer.hash_uniform(1, n, cin, h, w)
    module = peer.init(torch.nn.Conv2d(cin, cout, k, s, p, groups=groups))
elif kind in ('maxpool', 'avgpool'):
    x = peer.hash_uniform(1, 32, 64, 112, 112)
    module = (torch.nn.MaxPool2d if kind == 'maxpool' else torch.nn.AvgPool2d)(*peer.POOLS[name])
else:
    sys.exit(case + ' is neither a convolution nor a pool')
torch.onnx.export(module.eval(), x, output, opset_version=13, input_names=['input'], output_names=['output'])
