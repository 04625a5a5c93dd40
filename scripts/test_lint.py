"""Tests of lint, run by `swift test` too. Python's standard library only."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def load():
    """The script as a module; its name has no ending."""
    loader = importlib.machinery.SourceFileLoader("lint", os.path.join(HERE, "lint"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("lint", loader))
    loader.exec_module(module)
    return module


lint = load()


def findings(text, path="Sources/Any/File.swift"):
    return [(rule, line) for rule, line, _ in lint.findings(path, text)]


def function(lines):
    """A function of so many lines from its name to its last brace."""
    return "func long() {\n" + "  step()\n" * (lines - 2) + "}\n"


class LintTests(unittest.TestCase):
    def test_limits_are_the_last_that_is_allowed(self):
        self.assertEqual(findings(function(40)), [])
        self.assertEqual(findings("\n" + function(41)), [("function", 2)])
        self.assertEqual(findings("\n" * 300), [])
        self.assertEqual(findings("\n" * 301), [("file", 1)])

    def test_unlabelled_parameters_are_counted_whatever_their_types_hold(self):
        two = "func f<A: B, C>(_ a: (Int, _ b: Int) -> [C: A], with c: Set<Pair<Int, Int>>, _ d: [Int] = [1, 2]) {}\n"
        self.assertEqual(findings(two), [])
        for three in (
                "func f(_ a: Int, _ b: Int, _ c: Int) {}\n",
                "init(_ a: Int,\n  _ b: Int = 2, _ c: @escaping () -> Void) {}\n",
                "func f<A>(_ a: A, _ b: inout A, c: A, _ d: A) throws(E) -> A { a }\n",
                "protocol P {\n  func f(_ a: Int, _ b: Int, _ c: Int)\n}\n"):
            self.assertEqual([rule for rule, _ in findings(three)], ["labels"], three)

    def test_calls_are_no_functions(self):
        self.assertEqual(findings("let a = Self.init(_ , _ , _ )\nself.init(b, c, d)\n"), [])

    def test_tuples_are_named_one_by_one(self):
        text = "func of(_ red: Float, _ green: Float, _ blue: Float) {}\n"
        self.assertEqual(findings(text, "Sources/Imaging/Luminance.swift"), [])
        self.assertEqual(findings(text), [("labels", 1)])

    def test_strings_and_comments_hold_no_code(self):
        for text in (
                'let a = "} try! \\(b("{")) {"\n',
                'let a = #"\\("{# "fatalError("#\n',
                'let a = """\n  "{" try!\n  """\n',
                "// func f(_ a: A, _ b: A, _ c: A) { try!\n", "/* { fatalError() */\n",
                'let a = b.match(of: /"[^"{]*/)\n'):
            self.assertEqual(findings("func f() {\n" + text + "}\n" + function(40)), [], text)

    def test_a_function_without_a_body_takes_no_other_one(self):
        text = "protocol P {\n  func f() throws -> [Int]\n  var a: Int { get }\n}\n" + "\n" * 50 + "struct S {}\n"
        self.assertEqual(findings(text), [])

    def test_traps_and_unfinished_work_count_in_sources_alone(self):
        text = "let a = try! b()\nfatalError(c)\n// TODO: d\n/// FIXME\n"
        self.assertEqual(findings(text), [("traps", 1), ("traps", 2), ("unfinished", 3), ("unfinished", 4)])
        self.assertEqual(findings(text, "Tests/AnyTests/File.swift"), [])

    def test_a_folder_with_a_finding_fails_and_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "File.swift")
            for lines, code, told in ((41, 1, "long has 41 lines"), (40, 0, "")):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(function(lines))
                said = io.StringIO()
                with contextlib.redirect_stdout(said):
                    self.assertEqual(lint.main([folder]), code)
                self.assertIn(told, said.getvalue())


if __name__ == "__main__":
    unittest.main()
