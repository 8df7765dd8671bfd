"""One training step of an LSTM over a sequence in PyTorch: milliseconds a step, median of rounds."""
import statistics
import sys
import time

import torch
from torch import nn

steps, batch, inputs, units = (int(a) for a in sys.argv[1:5])
torch.manual_seed(0)
torch.set_num_threads(2)
layer, head = nn.LSTM(inputs, units), nn.Linear(units, 1)
optimiser = torch.optim.Adam([*layer.parameters(), *head.parameters()], 1e-3)
x = torch.randn(steps, batch, inputs)


def step():
    optimiser.zero_grad(set_to_none=True)
    _, (hidden, _) = layer(x)
    head(hidden[0]).square().mean().backward()
    optimiser.step()


for _ in range(5):
    step()
rounds = []
for _ in range(7):
    start = time.perf_counter()
    for _ in range(10):
        step()
    rounds.append((time.perf_counter() - start) / 10 * 1e3)
print(f"torch {torch.__version__} lstm {inputs}-{units} batch {batch} steps {steps}: {statistics.median(rounds):.3f} ms/step")
