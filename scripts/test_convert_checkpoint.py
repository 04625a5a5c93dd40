"""Tests of convert_checkpoint.py, run by `swift test` too. Python's standard library only.

The checkpoints are written here as torch.save writes them: the pickler sees stand-ins for torch's
classes under torch's names.
"""

import collections
import contextlib
import io
import json
import os
import pickle
import struct
import sys
import tempfile
import types
import unittest
import zipfile
from unittest import mock

import convert_checkpoint
import torch_file


# --- A stand-in for torch.save ------------------------------------------------------------------

def fake_torch():
    """Modules whose classes and functions pickle under torch's names."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    for name in torch_file.STORAGE_SIZES:
        setattr(torch, name, type(name, (), {"__module__": "torch"}))
    for name in ("_rebuild_tensor_v2", "_rebuild_parameter"):
        function = types.FunctionType((lambda *_: None).__code__, {}, name)
        function.__module__, function.__qualname__ = "torch._utils", name
        setattr(utils, name, function)
    torch._utils = utils
    return {"torch": torch, "torch._utils": utils}


class FakeStorage:
    def __init__(self, kind, data):
        self.kind, self.data = kind, data


class FakeTensor:
    """`elements` in row-major order; stored in column-major order if `transposed`."""

    def __init__(self, elements, shape, kind="FloatStorage", code="f", transposed=False, parameter=False):
        self.shape, self.parameter, self.offset = shape, parameter, 0
        strides = [1] * len(shape)
        for axis in reversed(range(len(shape) - 1)):
            strides[axis] = strides[axis + 1] * shape[axis + 1]
        if transposed:  # of two-sided shapes; three elements of another tensor come first
            rows, columns = shape[0], strides[0]
            elements = [0] * 3 + [elements[r * columns + c] for c in range(columns) for r in range(rows)]
            strides, self.offset = [1] + [rows * stride for stride in strides[1:]], 3
        self.strides = tuple(strides)
        self.storage = FakeStorage(kind, struct.pack(f"<{len(elements)}{code}", *elements))


class Pickler(pickle.Pickler):
    def __init__(self, file, torch, storages):
        super().__init__(file, protocol=2)
        self.torch, self.storages = torch, storages

    def persistent_id(self, value):
        if not isinstance(value, FakeStorage):
            return None
        self.storages.append(value.data)
        size = torch_file.STORAGE_SIZES[value.kind]
        return ("storage", getattr(self.torch, value.kind), str(len(self.storages) - 1), "cuda:0",
                len(value.data) // size)

    def reducer_override(self, value):
        if not isinstance(value, FakeTensor):
            return NotImplemented
        utils, hooks = self.torch._utils, collections.OrderedDict()
        if value.parameter:
            value.parameter = False
            return utils._rebuild_parameter, (value, True, hooks)
        return utils._rebuild_tensor_v2, (
            value.storage, value.offset, value.shape, value.strides, False, hooks)


def save(content, path):
    modules, pickled, storages = fake_torch(), io.BytesIO(), []
    with mock.patch.dict(sys.modules, modules):
        Pickler(pickled, modules["torch"], storages).dump(content)
    write_archive(path, {"data.pkl": pickled.getvalue(), "version": b"3\n",
                         **{f"data/{i}": data for i, data in enumerate(storages)}})


def write_archive(path, files, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(f"archive/{name}", data)


# --- An example of the authors' checkpoint ------------------------------------------------------

LAYERS = {**convert_checkpoint.generator(), **convert_checkpoint.discriminator()}
NUMBERS = {ours: number for number, ours in enumerate(sorted(ours for ours, _ in LAYERS.values()))}


def example_values(ours, shape):
    """Values that float32 holds exactly and that differ between tensors; CheckpointTests knows the rule."""
    count = 1
    for side in shape:
        count *= side
    return [((131 * NUMBERS[ours] + i) % 4096 - 2048) / 1024 for i in range(count)]


def state_dictionary(layers, prefix="module."):
    state = collections.OrderedDict()
    for theirs, (ours, shape) in layers.items():
        state[prefix + theirs] = FakeTensor(
            example_values(ours, shape), shape,
            transposed=theirs == "feature_block.3.weight_orig", parameter=theirs == "first_layer.bias")
    # torch hangs this on the dictionary itself, which makes the pickle set an attribute.
    state._metadata = collections.OrderedDict({"": {"version": 1}})
    return state


def example(prefix="module."):
    discriminator = state_dictionary(convert_checkpoint.discriminator(), prefix)
    discriminator[prefix + "feature_block.1.running_mean"] = FakeTensor([0.0] * 64, (64,))
    discriminator[prefix + "feature_block.1.num_batches_tracked"] = FakeTensor([7], (), "LongStorage", "q")
    return {
        "step": 100000, "loss": [], "models_opt": {},
        "models": {"downsampling": state_dictionary(convert_checkpoint.generator(), prefix),
                   "discriminator": discriminator},
        "optimizers": {"downsampling": {
            "state": {0: {"step": 3, "exp_avg": FakeTensor([1.0], (1,))}},
            "param_groups": [{"lr": 1e-4, "betas": (0.9, 0.999), "params": [0]}]}},
        "schedulers": {"downsampling": {"milestones": collections.Counter([5])}},
    }


def write_example(path):
    save(example(), path)


def read_safetensors(path):
    with open(path, "rb") as file:
        (count,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(count)), file.read()
    metadata = header.pop("__metadata__")
    return metadata, {
        name: (entry["shape"], [value for (value,) in struct.iter_unpack(
            "<f", data[entry["data_offsets"][0]:entry["data_offsets"][1]])])
        for name, entry in header.items()}


class Touch:
    """Pickles as a call of os.mkdir(path)."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


class ConvertCheckpointTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.source, self.destination = self.path("latest.pt"), self.path("out.safetensors")

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_script(self):
        """Exit code, standard output, standard error."""
        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            code = convert_checkpoint.main([self.source, self.destination])
        return code, output.getvalue(), errors.getvalue()

    def assert_refused(self, *words):
        code, output, errors = self.run_script()
        self.assertEqual((code, output, errors.count("\n")), (1, "", 1), errors)
        for word in ("cannot convert", "latest.pt", *words):
            self.assertIn(word, errors)
        self.assertEqual([name for name in os.listdir(self.folder) if name != "latest.pt"], [])

    def test_every_value_arrives_under_our_name(self):
        write_example(self.source)
        code, output, errors = self.run_script()
        self.assertEqual((code, errors), (0, ""))
        self.assertIn("step 100000, 44 tensors, 117013 values", output)
        metadata, tensors = read_safetensors(self.destination)
        self.assertEqual((metadata["scale"], metadata["step"]), ("2", "100000"))
        self.assertEqual(tensors, {ours: (list(shape), example_values(ours, shape))
                                   for ours, shape in LAYERS.values()})

    def test_equal_input_gives_equal_bytes_with_and_without_the_prefix(self):
        tensors = []
        for prefix in ("module.", ""):
            save(example(prefix), self.source)
            contents = []
            for _ in range(2):
                self.assertEqual(self.run_script()[0], 0)
                with open(self.destination, "rb") as file:
                    contents.append(file.read())
            self.assertEqual(contents[0], contents[1])
            tensors.append(read_safetensors(self.destination)[1])
        self.assertEqual(tensors[0], tensors[1])

    def test_a_foreign_call_is_refused_by_name_and_not_made(self):
        content = example()
        content["loss"] = Touch(self.path("touched"))
        save(content, self.source)
        self.assert_refused("posix.mkdir", "do not trust")

    def test_damaged_archives(self):
        write_example(self.source)
        with open(self.source, "rb") as file:
            whole = file.read()
        for count in (0, 1, 3, 100, len(whole) // 2, len(whole) - 1):
            with open(self.source, "wb") as file:
                file.write(whole[:count])
            self.assert_refused("not a PyTorch checkpoint" if count < 2 else "damaged or cut short")
        middle = len(whole) // 2  # inside a storage: the archive's checksum tells
        with open(self.source, "wb") as file:
            file.write(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:])
        self.assert_refused("damaged or cut short", "CRC")

    def test_damaged_pickles(self):
        for data in (b"", b"\x80\x02", b"\x80\x02}q", b"nonsense", b"\x80\x02K\x01Q."):
            write_archive(self.source, {"data.pkl": data})
            self.assert_refused("it is damaged")

    def test_what_is_no_checkpoint_of_today(self):
        write_archive(self.source, {"readme": b""})
        self.assert_refused("no data.pkl")
        write_archive(self.source, {"data.pkl": pickle.dumps({}, 2)}, zipfile.ZIP_DEFLATED)
        self.assert_refused("data.pkl is compressed")
        write_archive(self.source, {"data.pkl": pickle.dumps({}, 2)})
        self.assert_refused("no model 'downsampling'")
        write_archive(self.source, {"data.pkl": pickle.dumps({}, 2), "byteorder": b"big"})
        self.assert_refused("big-endian")
        with open(self.source, "wb") as file:
            pickle.dump(7, file, 2)
        self.assert_refused("a pickle, but not a PyTorch checkpoint")

    def test_a_storage_that_is_missing_or_too_short(self):
        write_example(self.source)
        with zipfile.ZipFile(self.source) as archive:
            files = {name[8:]: archive.read(name) for name in archive.namelist()}
        write_archive(self.source, {**files, "data/5": files["data/5"][:-4]})
        self.assert_refused("storage '5'", "bytes, expected")
        del files["data/5"]
        write_archive(self.source, files)
        self.assert_refused("data/5")

    def test_other_networks(self):
        def refuse(change, *words):
            content = example()
            change(content, content["models"]["downsampling"], content["models"]["discriminator"])
            save(content, self.source)
            self.assert_refused(*words)

        refuse(lambda c, g, d: c.pop("step"), "how many steps")
        refuse(lambda c, g, d: c["models"].pop("discriminator"), "no model 'discriminator'")
        refuse(lambda c, g, d: d.pop("module.final_layer.0.weight_u"), "lacks 'final_layer.0.weight_u'")
        refuse(lambda c, g, d: g.update({"module.downscale.6.weight": FakeTensor([1.0], (1,))}),
               "unknown 'downscale.6.weight'")

        def with_bias(tensor):
            return lambda c, g, d: d.update({"module.final_layer.0.bias": tensor})

        refuse(with_bias(FakeTensor([1.0, 2.0], (2,))), "shape (2,), expected (1,)")
        refuse(with_bias(FakeTensor([1.0], (1,), "DoubleStorage", "d")), "DoubleStorage, expected Float")
        refuse(with_bias(FakeTensor([float("nan")], (1,))), "not finite")
        refuse(with_bias(1.0), "not a tensor")
        for offset, word in ((1, "beyond its storage"), (-1, "beyond its storage"), ("0", "no integer")):
            misplaced = FakeTensor([1.0], (1,))
            misplaced.offset = offset
            refuse(with_bias(misplaced), word)

    def test_missing_files(self):
        self.assert_refused("No such file")
        write_example(self.source)
        self.destination = self.path("no/such/folder.safetensors")
        self.assert_refused("No such file")


if __name__ == "__main__":
    unittest.main()
