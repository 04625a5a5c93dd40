#!/usr/bin/env python3
"""Convert the MetaKernelGAN authors' PyTorch checkpoint to this program's safetensors file.

    scripts/convert_checkpoint.py latest.pt x2.safetensors

Needs Python 3.8 or newer and nothing else (torch_file.py).

What is expected inside is read from the authors' public code (royson/metakernelgan: log.py,
model/discriminator.py, model/downsampling_model.py): a dictionary whose "models" holds the state
dictionaries "downsampling" (the generator) and "discriminator", and whose "step" counts the outer steps.
Inferred rather than read there: the prefix "module." before every name, which learn2learn's MAML wrapper
adds (names without it are accepted too), and the names that torch.nn.utils.spectral_norm gives
(weight_orig, weight_u, weight_v). The batch norms' running statistics are left out: the method
normalises by the batch.
"""

import sys

import torch_file
from torch_file import Refused, digest, encoded, read_checkpoint, report, values, write


def convolution(ours, theirs, outputs, inputs, side):
    """A spectrally normalised convolution: the weight before normalisation, and its two vectors."""
    return {
        f"{theirs}.weight_orig": (f"{ours}.weight", (outputs, inputs, side, side)),
        f"{theirs}.bias": (f"{ours}.bias", (outputs,)),
        f"{theirs}.weight_u": (f"{ours}.u", (outputs,)),
        f"{theirs}.weight_v": (f"{ours}.v", (inputs * side * side,)),
    }


def generator():
    shapes = [(64, 1, 7, 7), (64, 64, 3, 3), (64, 64, 3, 3), (64, 64, 1, 1), (64, 64, 1, 1), (1, 64, 1, 1)]
    return {f"downscale.{i}.weight": (f"generator.conv{i + 1}.weight", shape)
            for i, shape in enumerate(shapes)}


def discriminator():
    names = convolution("discriminator.conv1", "first_layer", 64, 3, 7)
    for block in range(5):  # each a convolution, a batch norm and a ReLU
        names.update(convolution(f"discriminator.conv{block + 2}", f"feature_block.{3 * block}", 64, 64, 1))
        for part in ("weight", "bias"):
            names[f"feature_block.{3 * block + 1}.{part}"] = (f"discriminator.norm{block + 2}.{part}", (64,))
    names.update(convolution("discriminator.conv7", "final_layer.0", 1, 64, 1))
    return names


LEFT_OUT = ("running_mean", "running_var", "num_batches_tracked")


def convert_model(models, key, expected):
    """One state dictionary as {our name: (shape, values)}."""
    if not isinstance(models, dict) or not isinstance(models.get(key), dict):
        raise Refused(f"it holds no model {key!r}; it is not a MetaKernelGAN checkpoint")
    state = {str(name)[7:] if str(name).startswith("module.") else str(name): value
             for name, value in models[key].items()}
    converted = {}
    for theirs, (ours, shape) in expected.items():
        if theirs not in state:
            raise Refused(f"its model {key!r} lacks {theirs!r}; it is of another network")
        converted[ours] = (shape, values(theirs, state.pop(theirs), shape))
    for name in state:
        if not name.endswith(LEFT_OUT):
            raise Refused(f"its model {key!r} holds the unknown {name!r}; it is of another network")
    return converted


def convert(source, destination):
    checkpoint = read_checkpoint(source)
    if not isinstance(checkpoint, dict):
        raise Refused("it holds no dictionary; it is not a MetaKernelGAN checkpoint")
    models = checkpoint.get("models")
    tensors = {**convert_model(models, "downsampling", generator()),
               **convert_model(models, "discriminator", discriminator())}
    step = checkpoint.get("step")
    if not isinstance(step, int) or step < 0:
        raise Refused("it does not say how many steps it was trained; it is not a MetaKernelGAN checkpoint")
    # The authors train for scale 2 alone; x4 kernels are derived from x2.
    content = encoded(tensors, {"scale": "2", "step": str(step), "converted_from_sha256": digest(source)})
    write(destination, content)
    count = sum(len(elements) for _, elements in tensors.values())
    print(f"{source}: step {step}, {len(tensors)} tensors, {count} values")
    report(destination, content)


def main(arguments=None):
    return torch_file.main(
        convert, "Convert the MetaKernelGAN authors' PyTorch checkpoint to safetensors.",
        "latest.pt", "x2.safetensors", arguments)


if __name__ == "__main__":
    sys.exit(main())
