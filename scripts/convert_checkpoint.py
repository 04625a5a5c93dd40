#!/usr/bin/env python3
"""Convert the MetaKernelGAN authors' PyTorch checkpoint to this program's safetensors file.

    scripts/convert_checkpoint.py latest.pt x2.safetensors

Needs Python 3.8 or newer and nothing else. PyTorch's file is a zip archive of a pickle (data.pkl) and
one raw file per storage. Unpickling runs what the file names, so only the few names in ADMITTED are let
through; any other is refused before anything is called.

What is expected inside is read from the authors' public code (royson/metakernelgan: log.py,
model/discriminator.py, model/downsampling_model.py): a dictionary whose "models" holds the state
dictionaries "downsampling" (the generator) and "discriminator", and whose "step" counts the outer steps.
Inferred rather than read there: the prefix "module." before every name, which learn2learn's MAML wrapper
adds (names without it are accepted too), and the names that torch.nn.utils.spectral_norm gives
(weight_orig, weight_u, weight_v). The batch norms' running statistics are left out: the method
normalises by the batch.
"""

import argparse
import collections
import hashlib
import io
import json
import math
import os
import pickle
import struct
import sys
import tempfile
import zipfile


class Refused(Exception):
    """The input cannot be converted; the text is one line that says why."""


# --- PyTorch's file -----------------------------------------------------------------------------

StorageType = collections.namedtuple("StorageType", "name size")
Storage = collections.namedtuple("Storage", "type data")
Tensor = collections.namedtuple("Tensor", "storage offset shape strides")


def rebuild_tensor(storage, offset, shape, strides, *_):
    if not all(isinstance(number, int) for number in (offset, *shape, *strides)):
        raise Refused("one of its tensors has a place or shape that is no integer")
    return Tensor(storage, offset, tuple(shape), tuple(strides))


def rebuild_parameter(tensor, *_):
    return tensor


STORAGE_SIZES = {
    "FloatStorage": 4, "DoubleStorage": 8, "HalfStorage": 2, "BFloat16Storage": 2,
    "LongStorage": 8, "IntStorage": 4, "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1,
    "BoolStorage": 1,
}
ADMITTED = {
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("collections", "Counter"): collections.Counter,  # a learning-rate schedule's milestones
    ("torch._utils", "_rebuild_tensor_v2"): rebuild_tensor,
    ("torch._utils", "_rebuild_parameter"): rebuild_parameter,
    ("torch", "Size"): tuple,
    **{("torch", name): StorageType(name, size) for name, size in STORAGE_SIZES.items()},
}


class Unpickler(pickle._Unpickler):
    """Admits what is in ADMITTED. Derived from the unpickler in Python, because a few damaged bytes make
    the one in C allocate gigabytes."""

    def __init__(self, file, read_storage):
        super().__init__(file)
        self.read_storage = read_storage

    def find_class(self, module, name):
        try:
            return ADMITTED[module, name]
        except KeyError:
            raise Refused(f"it asks to run {module + '.' + name!r}, which no checkpoint needs; "
                          "do not trust this file") from None

    def persistent_load(self, identifier):
        kind, storage_type, key, _, count = identifier
        if kind != "storage" or not isinstance(storage_type, StorageType):
            raise Refused(f"its data.pkl refers to a {kind!r} of an unknown kind")
        data = self.read_storage(key)
        if len(data) != count * storage_type.size:
            raise Refused(f"its storage {key!r} has {len(data)} bytes, "
                          f"expected {count * storage_type.size}")
        return Storage(storage_type, data)


def read_checkpoint(path):
    """The unpickled content of the file, tensors as Tensor."""
    with open(path, "rb") as file:
        start = file.read(8)
    if start[:2] == b"\x80\x02":
        raise Refused("it is in the format of PyTorch before 1.6; "
                      "load it and torch.save it again with a newer PyTorch")
    if start[:2] != b"PK":
        raise Refused("it is not a PyTorch checkpoint (no zip archive)")
    try:
        with zipfile.ZipFile(path) as archive:
            return unpickle(archive)
    except (Refused, OSError):
        raise
    except zipfile.BadZipFile as error:
        raise Refused(f"its zip archive is damaged or cut short ({error}); fetch it again") from None
    except Exception as error:  # a damaged pickle can raise anything
        raise Refused(f"it is damaged ({type(error).__name__}: {error}); fetch it again") from None


def unpickle(archive):
    pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise Refused("it is not a PyTorch checkpoint (no data.pkl in the zip archive)")
    folder = pickles[0][: -len("data.pkl")]

    def read(name):
        entry = archive.getinfo(folder + name)
        # PyTorch never compresses; refusing compression keeps small files from unpacking to huge ones.
        if entry.compress_type != zipfile.ZIP_STORED:
            raise Refused(f"its {name} is compressed, which PyTorch does not do")
        return archive.read(entry)

    if folder + "byteorder" in archive.namelist() and read("byteorder") != b"little":
        raise Refused("its values are big-endian; save it again on a little-endian machine")
    return Unpickler(io.BytesIO(read("data.pkl")), lambda key: read(f"data/{key}")).load()


# --- From the authors' names to ours ------------------------------------------------------------

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


def values(name, tensor, shape):
    """The elements of a float32 tensor in row-major order, whatever its strides."""
    if not isinstance(tensor, Tensor) or not isinstance(tensor.storage, Storage):
        raise Refused(f"its {name!r} is not a tensor")
    if tensor.storage.type.name != "FloatStorage":
        raise Refused(f"its tensor {name!r} is a {tensor.storage.type.name}, expected FloatStorage")
    if tensor.shape != shape:
        raise Refused(f"its tensor {name!r} has shape {tensor.shape}, expected {shape}; "
                      "it is of another network")
    places = [tensor.offset]
    for size, stride in zip(shape, tensor.strides):
        places = [place + i * stride for place in places for i in range(size)]
    stored = struct.unpack(f"<{len(tensor.storage.data) // 4}f", tensor.storage.data)
    if len(tensor.strides) != len(shape) or min(places) < 0 or max(places) >= len(stored):
        raise Refused(f"its tensor {name!r} reaches beyond its storage")
    found = [stored[place] for place in places]
    if not all(map(math.isfinite, found)):
        raise Refused(f"its tensor {name!r} holds a value that is not finite")
    return found


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


# --- Our file -----------------------------------------------------------------------------------

def encoded(tensors, metadata):
    """The bytes of the safetensors file, the same as this program writes: all sorted by name."""
    header, data = {"__metadata__": dict(sorted(metadata.items()))}, b""
    for name, (shape, elements) in sorted(tensors.items()):
        begin = len(data)
        data += struct.pack(f"<{len(elements)}f", *elements)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, len(data)]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def write(path, content):
    """Writes a temporary file and renames it, so that no half-written checkpoint is ever in place."""
    temporary = tempfile.NamedTemporaryFile(
        dir=os.path.dirname(os.path.abspath(path)), prefix=".partial-", delete=False)
    try:
        with temporary as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary.name, 0o644)
        os.replace(temporary.name, path)
    except BaseException:
        os.unlink(temporary.name)
        raise


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
    with open(source, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    # The authors train for scale 2 alone; x4 kernels are derived from x2.
    content = encoded(tensors, {"scale": "2", "step": str(step), "converted_from_sha256": digest})
    write(destination, content)
    count = sum(len(elements) for _, elements in tensors.values())
    print(f"{source}: step {step}, {len(tensors)} tensors, {count} values")
    print(f"{destination}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description="Convert the MetaKernelGAN authors' PyTorch checkpoint to safetensors.")
    parser.add_argument("source", metavar="latest.pt")
    parser.add_argument("destination", metavar="x2.safetensors")
    options = parser.parse_args(arguments)
    try:
        convert(options.source, options.destination)
    except Refused as reason:
        line = " ".join(str(reason).split())
        print(f"cannot convert {options.source!r}: {line}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cannot convert {options.source!r} to {options.destination!r}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
