#!/usr/bin/env python3
"""Prints numbers of the peers' torch_bench.py, one JSON line each: what numbers.jsonl has.

    record_numbers.py PEERS_FOLDER > numbers.jsonl
"""
import hashlib
import json
import sys

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import torch
import torch_bench as peer

peer.torch = torch
peer.build_models()
count = 100000


def sha256(*arrays):
    return hashlib.sha256(b''.join(a.tobytes() for a in arrays)).hexdigest()


for seed in (1, 2, 1000, 5061):
    uniform = peer.hash_uniform(seed, count).numpy()
    labels = peer.hash_labels(seed, count, 1000).numpy().astype('<i4')
    print(json.dumps({
        'seed': seed, 'uniform': [float(v) for v in uniform[:4]], 'uniform_sha256': sha256(uniform),
        'labels_of_1000': labels[:8].tolist(), 'labels_sha256': sha256(labels),
        'labels_of_10': peer.hash_labels(seed, 8, 10).tolist()}))
for name, (make, _, _, _) in peer.MODELS.items():
    parameters = [p.detach().numpy() for p in peer.init(make()).parameters()]
    print(json.dumps({'case': name, 'tensors': len(parameters), 'sha256': sha256(*parameters)}))
