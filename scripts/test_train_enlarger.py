"""Tests of train_enlarger.py, run by `swift test` too. Python's standard library only; the one that trains needs torch."""

import contextlib
import importlib.util
import io
import os
import struct
import tempfile
import unittest

import train_enlarger


class TrainEnlargerTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.result = os.path.join(folder.name, "enlarger.safetensors")

    def run_script(self, *options):
        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            try:
                code = train_enlarger.main([self.folder, self.result, *options])
            except SystemExit as end:
                code = end.code
        return code, output.getvalue(), errors.getvalue()

    def assert_refused(self, code, words, *options):
        found, _, errors = self.run_script(*options)
        self.assertEqual(found, code, errors)
        self.assertIn(words, errors)
        self.assertFalse(os.path.exists(self.result))

    def test_wrong_options(self):
        for options in (("--scale", "5"), ("--batch", "0"), ("--seconds", "-1"), ("--updates", "0"), ("--crop", "33")):
            self.assert_refused(2, options[0], *options)

    def test_nothing_to_train_on(self):
        self.assert_refused(1, "holds no PNG or JPEG file")

    def test_unusable_starts(self):
        open(os.path.join(self.folder, "a.png"), "wb").close()
        start = os.path.join(self.folder, "start")
        self.assert_refused(1, "cannot read", "--start", start)
        for content in (b"", b"12345678", struct.pack("<Q", 2) + b"{}"):
            with open(start, "wb") as file:
                file.write(content)
            self.assert_refused(1, "cannot start from", "--start", start)

    def test_files_keep_every_tensor(self):
        tensors = {}
        for scale in (2, 4):
            for number, (name, shape) in enumerate(train_enlarger.layout(scale).items()):
                count = 1
                for side in shape:
                    count *= side
                tensors[name] = (shape, tuple((number + i) % 2048 / 1024 for i in range(count)))
            train_enlarger.write(self.result, train_enlarger.encoded(tensors, {"scale": str(scale)}))
            found = train_enlarger.decoded(self.result)
            self.assertEqual(found, tensors)
            train_enlarger.check(found, self.result, scale)
            with self.assertRaises(train_enlarger.Refused):
                train_enlarger.check(found, self.result, 6 - scale)

    def test_parameters_are_as_many_as_published(self):
        for scale, expected in ((2, 808026), (4, 891042)):
            count = 0
            for shape in train_enlarger.layout(scale).values():
                product = 1
                for side in shape:
                    product *= side
                count += product
            self.assertEqual(count, expected)

    @unittest.skipUnless(
        all(importlib.util.find_spec(name) for name in ("torch", "numpy", "PIL")), "needs torch, numpy and Pillow")
    def test_a_few_updates_write_weights(self):
        import numpy as np
        from PIL import Image

        values = np.random.default_rng(0).integers(0, 256, (80, 90, 3), np.uint8)
        Image.fromarray(values).save(os.path.join(self.folder, "a.png"))
        for scale in (2, 4):
            code, output, errors = self.run_script(
                "--scale", str(scale), "--updates", "2", "--batch", "2", "--crop", "32", "--pool", "4")
            self.assertEqual(code, 0, errors)
            self.assertIn("2 updates", output)
            train_enlarger.check(train_enlarger.decoded(self.result), self.result, scale)


if __name__ == "__main__":
    unittest.main()
