"""Tests of convert_usrnet.py, run by `swift test` too. Python's standard library only."""

import collections
import contextlib
import io
import os
import pickle
import struct
import sys
import tempfile
import unittest
from unittest import mock

import convert_usrnet
from test_convert_checkpoint import FakeTensor, Pickler, fake_torch, read_safetensors, save


def example_values(shape, number):
    """Values that float32 holds exactly and that differ between tensors; SuperResolutionTests knows the rule."""
    count = 1
    for side in shape:
        count *= side
    return [((131 * number + i) % 4096 - 2048) / 1048576 for i in range(count)]


def example():
    return collections.OrderedDict(
        (name, FakeTensor(example_values(shape, number), shape))
        for number, (name, shape) in enumerate(sorted(convert_usrnet.layout().items())))


def write_example(path):
    save_in_a_row(example(), path)


class OldPickler(Pickler):
    def persistent_id(self, value):
        identifier = super().persistent_id(value)
        return identifier and (*identifier, None)


def save_in_a_row(content, path, machine=None):
    """As torch.save did before 1.6, which the published file is from."""
    modules, storages = fake_torch(), []
    with open(path, "wb") as file, mock.patch.dict(sys.modules, modules):
        for part in (0x1950A86A20F9469CFC6C, 1001, machine or {"little_endian": True}):
            pickle.dump(part, file, 2)
        OldPickler(file, modules["torch"], storages).dump(content)
        pickle.dump([str(number) for number in range(len(storages))], file, 2)
        for data in storages:
            file.write(struct.pack("<q", len(data) // 4) + data)


class ConvertUSRNetTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.source = os.path.join(folder.name, "tiny.pth")
        self.destination = os.path.join(folder.name, "tiny.safetensors")

    def run_script(self):
        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            code = convert_usrnet.main([self.source, self.destination])
        return code, output.getvalue(), errors.getvalue()

    def assert_refused(self, *words):
        code, output, errors = self.run_script()
        self.assertEqual((code, output, errors.count("\n")), (1, "", 1), errors)
        for word in ("cannot convert", *words):
            self.assertIn(word, errors)
        self.assertFalse(os.path.exists(self.destination))

    def test_both_formats_of_pytorch_arrive(self):
        expected = {name: (list(shape), example_values(shape, number))
                    for number, (name, shape) in enumerate(sorted(convert_usrnet.layout().items()))}
        for write in (save, save_in_a_row):
            write(example(), self.source)
            code, output, errors = self.run_script()
            self.assertEqual((code, errors), (0, ""))
            self.assertIn("42 tensors, 590332 values", output)
            self.assertEqual(read_safetensors(self.destination)[1], expected)

    def test_other_networks(self):
        content = example()
        content["p.m_head.bias"] = FakeTensor([0.0], (1,))
        save(content, self.source)
        self.assert_refused("unknown 'p.m_head.bias'")
        content = example()
        del content["h.mlp.0.bias"]
        save(content, self.source)
        self.assert_refused("lacks 'h.mlp.0.bias'")
        save([], self.source)
        self.assert_refused("no dictionary")

    def test_damage_in_the_old_format(self):
        save_in_a_row(example(), self.source)
        with open(self.source, "rb") as file:
            whole = file.read()
        for count in (2, 30, 200, len(whole) // 2, len(whole) - 1):
            with open(self.source, "wb") as file:
                file.write(whole[:count])
            self.assert_refused()
        save_in_a_row(example(), self.source, {"little_endian": False})
        self.assert_refused("big-endian")


if __name__ == "__main__":
    unittest.main()
