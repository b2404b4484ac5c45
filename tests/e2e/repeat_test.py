# SPDX-License-Identifier: Apache-2.0
"""tests/repeat counts cells whose intervals overlap, of two real runs."""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from support import CLIENT, ROOT

REPEAT = ROOT / "tests/repeat"
BUILT = pathlib.Path(CLIENT).parents[1]


def load_repeat():
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("repeat", str(REPEAT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("repeat", loader))
    loader.exec_module(module)
    return module


def kept(kind, p50, p99=None):
    summary = {"p50": dict(zip(("low", "value", "high"), p50)), "p99": {"n_eff": 12}}
    if p99:
        summary["p99"] = dict(zip(("low", "value", "high"), p99))
    return {"cases": [{"key": f"{kind}/a", "kind": kind, "latency_all": summary}]}


class CompareTest(unittest.TestCase):
    def compare(self, first, second):
        repeat = load_repeat()
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            return repeat.compare(repeat.intervals(first), repeat.intervals(second)), printed.getvalue()

    def test_touching_intervals_overlap(self):
        self.assertEqual(self.compare(kept("kernel", (1, 2, 3)), kept("kernel", (3, 4, 5))), ((1, 1), ""))

    def test_a_cell_apart_is_named(self):
        (overlap, cells), printed = self.compare(kept("model", (1, 2, 3), (5, 6, 7)),
                                                 kept("model", (3.5, 4, 5), (6, 7, 8)))
        self.assertEqual((overlap, cells), (1, 2))
        self.assertIn("apart  p50      model/a", printed)

    def test_what_has_no_interval_in_both_is_no_cell(self):
        self.assertEqual(self.compare(kept("model", (1, 2, 3)), kept("model", (1, 2, 3), (5, 6, 7)))[0], (1, 1))


class RepeatTest(unittest.TestCase):
    def test_runs_a_sweep_twice(self):
        with tempfile.TemporaryDirectory() as folder:
            sweep = pathlib.Path(folder) / "two.json"
            sweep.write_text(json.dumps({"version": 1, "name": "two", "kernel": [
                {"norm": ["group", "layer"], "groups": [2], "shape": ["4x8x8"], "seconds": 0.05}]}))
            done = subprocess.run([REPEAT, sweep, "--built", BUILT, "--out", f"{folder}/out"],
                                  capture_output=True, text=True, timeout=120)
            self.assertIn(done.returncode, (0, 3), done.stdout + done.stderr)
            self.assertRegex(done.stdout, r"\nrepeat \d of [1-4] cells overlap \([\d.]+ %\), target 90 %")
            self.assertTrue((pathlib.Path(folder) / "out/second/report.json").exists())

    def test_a_run_that_fails_is_1(self):
        done = subprocess.run([REPEAT, "no-such-sweep.json", "--built", BUILT], capture_output=True, text=True,
                              timeout=120)
        self.assertEqual(done.returncode, 1)
        self.assertIn("repeat: the run ended with 2", done.stderr)


if __name__ == "__main__":
    unittest.main()
