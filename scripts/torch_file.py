"""PyTorch's checkpoint files read without PyTorch, and safetensors files written: what the convert scripts share.

Needs Python 3.8 or newer and nothing else. PyTorch's file is a zip archive of a pickle (data.pkl) and one raw file per
storage; before version 1.6 it was pickles and storages in a row. Unpickling runs what the file names, so only the few
names in ADMITTED are let through; any other is refused before anything is called.
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


class Storage:
    """The elements that tensors refer to; in files of before PyTorch 1.6 they come after the tensors."""

    def __init__(self, storage_type, count, data=None):
        self.type, self.count, self.data = storage_type, count, data


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

    def __init__(self, file, storage=None):
        super().__init__(file)
        self.storage = storage

    def find_class(self, module, name):
        try:
            return ADMITTED[module, name]
        except KeyError:
            raise Refused(f"it asks to run {module + '.' + name!r}, which no checkpoint needs; "
                          "do not trust this file") from None

    def persistent_load(self, identifier):
        # Files of before PyTorch 1.6 name a sixth part, a view of another storage: None ever since 0.4.
        kind, storage_type, key, _, count, *view = identifier
        if kind != "storage" or not isinstance(storage_type, StorageType) or view not in ([], [None]):
            raise Refused(f"its data.pkl refers to a {kind!r} of an unknown kind")
        return self.storage(storage_type, key, count)


def checked(key, storage, data):
    if len(data) != storage.count * storage.type.size:
        raise Refused(f"its storage {key!r} has {len(data)} bytes, "
                      f"expected {storage.count * storage.type.size}")
    storage.data = data
    return storage


def read_checkpoint(path):
    """The unpickled content of the file, tensors as Tensor."""
    with open(path, "rb") as file:
        start = file.read(2)
    if start not in (b"PK", b"\x80\x02"):
        raise Refused("it is not a PyTorch checkpoint (neither a zip archive nor a pickle)")
    try:
        if start == b"PK":
            with zipfile.ZipFile(path) as archive:
                return unpickle(archive)
        with open(path, "rb") as file:
            return unpickle_in_a_row(file)
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

    def storage(storage_type, key, count):
        return checked(key, Storage(storage_type, count), read(f"data/{key}"))

    return Unpickler(io.BytesIO(read("data.pkl")), storage).load()


def unpickle_in_a_row(file):
    """The format of before PyTorch 1.6: pickles of a magic number, a version, the machine, the content and the
    storages' names, then the storages, each with the number of its elements before it."""
    if Unpickler(file).load() != 0x1950A86A20F9469CFC6C:
        raise Refused("it is a pickle, but not a PyTorch checkpoint")
    version, machine = Unpickler(file).load(), Unpickler(file).load()
    if version != 1001 or machine.get("little_endian") is not True:
        raise Refused("it is of an unknown version or from a big-endian machine; save it again with a newer PyTorch")
    storages = {}
    content = Unpickler(file, lambda kind, key, count: storages.setdefault(key, Storage(kind, count))).load()
    for key in Unpickler(file).load():
        (count,) = struct.unpack("<q", file.read(8))
        storage = storages[key]
        if count != storage.count:
            raise Refused(f"its storage {key!r} has {count} elements, expected {storage.count}")
        checked(key, storage, file.read(count * storage.type.size))
    return content


# --- What the scripts do with it ----------------------------------------------------------------

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
    if tensor.storage.data is None:
        raise Refused(f"its tensor {name!r} has no storage")
    stored = struct.unpack(f"<{len(tensor.storage.data) // 4}f", tensor.storage.data)
    if len(tensor.strides) != len(shape) or min(places) < 0 or max(places) >= len(stored):
        raise Refused(f"its tensor {name!r} reaches beyond its storage")
    found = [stored[place] for place in places]
    if not all(map(math.isfinite, found)):
        raise Refused(f"its tensor {name!r} holds a value that is not finite")
    return found


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


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def report(path, content):
    print(f"{path}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


def main(convert, description, source, destination, arguments=None):
    """Runs `convert(source, destination)` with the names from the command line; the exit code."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("source", metavar=source)
    parser.add_argument("destination", metavar=destination)
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
