# SPDX-License-Identifier: Apache-2.0
"""Does the benchmark run, and is every contender right on small shapes. How long they take is not judged here."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

SWEEP = {"version": 1, "name": "tiny", "kernel": [
    {"norm": ["group"], "groups": [4], "shape": ["8x7x7"], "tensor_n": [2], "layout": ["nchw", "nhwc"]},
    {"norm": ["batch"], "stats": ["batch", "running"], "shape": ["5x3x3"], "tensor_n": [2]},
    {"norm": ["layer", "rms"], "shape": ["63"], "tensor_n": [3], "dtype": ["f32", "bf16"]}]}


def norm_bench(*flags):
    return subprocess.run([os.environ["NORMBENCH_NORM_BENCH"], *flags], capture_output=True, text=True, timeout=240)


class NormBench(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.sweep = str(pathlib.Path(folder.name) / "tiny.json")
        self.report = pathlib.Path(folder.name) / "report.json"
        pathlib.Path(self.sweep).write_text(json.dumps(SWEEP), encoding="utf-8")

    def run_tiny(self, *flags):
        return norm_bench("--suite", self.sweep, "--pairs", "6", "--seconds", "0.001", "--json", str(self.report), *flags)

    def test_times_and_verifies_every_contender(self):
        done = self.run_tiny("--stores", "plain,streaming")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        report = json.loads(self.report.read_text(encoding="utf-8"))
        self.assertEqual(len(report["cases"]), 8 * 2)
        for case in report["cases"]:
            rows = {row["contender"]: row for row in case["contenders"] if "not_offered" not in row}
            self.assertLessEqual({"torch", "native", "native/streaming", "copy", "copy/streaming"}, set(rows), case)
            self.assertEqual("reference" in rows, case["threads"] == 1)
            for name, row in rows.items():
                self.assertGreater(row["times"]["p50_us"], 0)
                self.assertGreater(row["effective_gb_per_s"], 0)
                self.assertEqual("accuracy" in row, not name.startswith("copy"))
                self.assertTrue(row.get("accuracy", {"right": True})["right"], f"{case['label']}: {row}")
            self.assertEqual(rows["native"]["torch_over_this"]["pairs"], 6)
        self.assertIn("geometric mean", done.stdout)

    def test_cold_memory_one_thread(self):
        done = self.run_tiny("--cache", "cold", "--threads", "1", "--filter", "rms*f32")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        cases = json.loads(self.report.read_text(encoding="utf-8"))["cases"]
        self.assertEqual([case["label"] for case in cases], ["rms 3x63 f32 nchw"])
        self.assertIn("cache=cold", cases[0]["contenders"][0]["key"])

    def test_verify_only_times_nothing(self):
        done = self.run_tiny("--verify-only")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for case in json.loads(self.report.read_text(encoding="utf-8"))["cases"]:
            self.assertFalse(any("times" in row for row in case["contenders"]))
            self.assertTrue(any("accuracy" in row for row in case["contenders"]))

    def test_native_offers_and_gets_right_all_fused_rows_of_one_shape(self):
        done = norm_bench("--suite", "fused", "--filter", "128x768", "--verify-only")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("not offered", done.stdout)

    def test_a_target_that_nobody_reaches(self):
        done = self.run_tiny("--target", "1e9", "--filter", "group*nchw", "--threads", "1")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertIn("missed: 1 row", done.stdout)

    def test_list_runs_nothing(self):
        done = norm_bench("--suite", self.sweep, "--list")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("group 2x8x7x7 g=4 f32 nhwc\n    norm/group?", done.stdout)

    def test_mistakes(self):
        for flags, words in ((["--pears", "6"], ""), (["--suite", "nothing"], "nothing"), (["--isa", "MMX"], "isa"),
                             (["--filter", "5 KiB"], "--filter: no case has '5 KiB' in its label or key")):
            done = norm_bench(*flags)
            self.assertEqual(done.returncode, 2, (flags, done.stdout, done.stderr))
            self.assertIn(words, done.stderr.lower() if words == "isa" else done.stderr)

    def test_a_report_that_cannot_be_written(self):
        done = norm_bench("--suite", self.sweep, "--verify-only", "--filter", "rms", "--json", "/nowhere/report.json")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("--json: cannot write /nowhere/report.json", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
