"""Milliseconds that PyTorch takes for convolutions and attention: a line for each argument.

Arguments: the number of threads, then for each layer its name and sizes, comma-separated:
  conv,batch,height,width,channels,taps,outputs,stride      attention,batch,length,features,heads
Each line: forward, forward and backward with all gradients; the best of several runs.
"""
import math
import os
import sys
import time

# The library that multiplies matrices reads this once, when it is loaded, and does not ask PyTorch.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = sys.argv[1]

import torch
import torch.nn.functional as F


def best(action):
    action()
    least, until = math.inf, time.perf_counter() + 1.0
    while time.perf_counter() < until:
        start = time.perf_counter()
        action()
        least = min(least, time.perf_counter() - start)
    return 1e3 * least


def convolution(batch, height, width, channels, taps, outputs, stride):
    x = torch.rand(batch, channels, height, width, requires_grad=True)
    w = torch.rand(outputs, channels, taps, taps, requires_grad=True)
    return [x, w], lambda: F.conv2d(x, w, stride=stride, padding=taps // 2)


def attention(batch, length, features, heads):
    x = torch.rand(batch, length, features, requires_grad=True)
    q, k, v, out = (torch.rand(features, features, requires_grad=True) for _ in range(4))

    def split(y):
        return y.view(batch, length, heads, features // heads).transpose(1, 2)

    def apply():
        scores = split(x @ q) @ split(x @ k).transpose(2, 3) / math.sqrt(features // heads)
        joined = (torch.softmax(scores, -1) @ split(x @ v)).transpose(1, 2).reshape(batch, length, features)
        return joined @ out

    return [x, q, k, v, out], apply


torch.set_num_threads(int(sys.argv[1]))
for argument in sys.argv[2:]:
    name, *sizes = argument.split(",")
    variables, apply = (convolution if name == "conv" else attention)(*map(int, sizes))
    back = torch.rand_like(apply())
    with torch.no_grad():
        forward = best(apply)
    print(f"{forward:.4f} {best(lambda: torch.autograd.grad(apply(), variables, back)):.4f}", flush=True)
