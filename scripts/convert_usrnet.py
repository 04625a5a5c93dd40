#!/usr/bin/env python3
"""Convert USRNet-tiny's published PyTorch file to the safetensors file that --sr-weights takes.

    scripts/convert_usrnet.py usrnet_tiny.pth usrnet_tiny.safetensors

The file is linked from https://github.com/cszn/USRNet (Zhang, Van Gool, Timofte, "Deep unfolding network for image
super-resolution", CVPR 2020). Needs Python 3.8 or newer and nothing else (torch_file.py). Names stay as they are: "h."
is the hyper-parameter module, "p." the prior; the data module has no parameters.
"""

import sys

import torch_file
from torch_file import Refused, digest, encoded, read_checkpoint, report, values, write

CHANNELS = (16, 32, 64, 64)
ITERATIONS = 6
HIDDEN = 32


def layout():
    """Every tensor's name and shape."""
    shapes = {"p.m_head.weight": (CHANNELS[0], 4, 3, 3), "p.m_tail.weight": (3, CHANNELS[0], 3, 3)}
    sides = (2, HIDDEN, HIDDEN, 2 * ITERATIONS)
    for place, (inputs, outputs) in zip((0, 2, 4), zip(sides, sides[1:])):
        shapes[f"h.mlp.{place}.weight"] = (outputs, inputs, 1, 1)
        shapes[f"h.mlp.{place}.bias"] = (outputs,)

    def blocks(part, places, channels):
        for place in places:
            for layer in (0, 2):
                shapes[f"p.m_{part}.{place}.res.{layer}.weight"] = (channels, channels, 3, 3)

    blocks("body", (0, 1), CHANNELS[3])
    for level, (here, below) in enumerate(zip(CHANNELS, CHANNELS[1:]), 1):
        blocks(f"down{level}", (0, 1), here)
        shapes[f"p.m_down{level}.2.weight"] = (below, here, 2, 2)
        shapes[f"p.m_up{level}.0.weight"] = (below, here, 2, 2)
        blocks(f"up{level}", (1, 2), here)
    return shapes


def convert(source, destination):
    state = read_checkpoint(source)
    if not isinstance(state, dict):
        raise Refused("it holds no dictionary of tensors; it is not a network")
    expected = layout()
    for name in expected:
        if name not in state:
            raise Refused(f"it lacks {name!r}; it is of another network than USRNet-tiny")
    for name in state:
        if name not in expected:
            raise Refused(f"it holds the unknown {name!r}; it is of another network than USRNet-tiny")
    tensors = {name: (shape, values(name, state[name], shape)) for name, shape in expected.items()}
    content = encoded(tensors, {"converted_from_sha256": digest(source)})
    write(destination, content)
    print(f"{source}: {len(tensors)} tensors, {sum(len(found) for _, found in tensors.values())} values")
    report(destination, content)


def main(arguments=None):
    return torch_file.main(
        convert, "Convert USRNet-tiny's published PyTorch file to safetensors.",
        "usrnet_tiny.pth", "usrnet_tiny.safetensors", arguments)


if __name__ == "__main__":
    sys.exit(main())
