# SPDX-License-Identifier: Apache-2.0
"""tests/gpu/run where there is no GPU: it says so and ends with 77, having looked at everything that was built; and
its report, on a report of two cases.

usage: gpu_run_test.py BUILD_DIR
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import gpu_report

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUN = ROOT / "tests" / "gpu" / "run"
BUILD = pathlib.Path(sys.argv.pop()).resolve()


def run(*arguments):
    return subprocess.run([RUN, *arguments], capture_output=True, text=True, timeout=300)


class WithoutGpu(unittest.TestCase):
    def setUp(self):
        if pathlib.Path("/dev/nvidia0").exists():
            self.skipTest("there is a GPU: tests/gpu/run itself is the test")

    def test_skips_with_its_reason_and_a_code_of_its_own(self):
        with tempfile.TemporaryDirectory() as folder:
            done = run("--built", str(BUILD), "--out", f"{folder}/results")
            self.assertEqual(done.returncode, 77, done.stdout + done.stderr)
            self.assertIn("skipped: there is no NVIDIA GPU here (no /dev/nvidia0)", done.stdout)
            self.assertIn("torch_cuda_test", done.stdout)
            self.assertFalse(pathlib.Path(folder, "results").exists())

    def test_a_server_for_cuda_says_what_is_missing(self):
        done = subprocess.run([BUILD / "bin" / "normbench-server", "--device", "cuda", "--listen", "127.0.0.1:0",
                               "--http", "127.0.0.1:0"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"cuda")

    def test_what_is_not_built_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            done = run("--built", folder)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"{folder}/bin/normbench-server has not been built", done.stderr)

    def test_usage(self):
        done = run("--ouz", "x")
        self.assertEqual(done.returncode, 2)
        self.assertIn("unknown argument '--ouz'", done.stderr)
        self.assertEqual(run("--out").returncode, 2)
        self.assertIn("77 built, and skipped", run("--help").stdout)


def case(key, p50, **more):
    return {"key": key, "kind": {"norm": "kernel"}.get(key.partition("/")[0], "service"), "status": "ok",
            "latency_all": {"p50": {"value": p50}}, **more}


class Report(unittest.TestCase):
    METRICS = """\
normbench_server_compute_duration_seconds_sum{device="cpu",impl="torch",norm="group"} 9
normbench_server_compute_duration_seconds_count{device="cpu",impl="torch",norm="group"} 1
normbench_server_compute_duration_seconds_sum{device="cuda:0",impl="torch",norm="group"} 0.5
normbench_server_compute_duration_seconds_count{device="cuda:0",impl="torch",norm="group"} 100
"""
    KEY = "group?impl=torch&shape=8x64x56x56&g=32&dtype=f32&layout={}&dev=cuda:0"

    def rendered(self, *results):
        return gpu_report.render({"cases": list(results)}, self.METRICS).splitlines()

    def test_events_beside_the_wall_clock(self):
        text = self.rendered(
            case("norm/" + self.KEY.format("nchw"), 0.0001, kernel_numbers={"time_source": "cuda_event"}),
            case("service/" + self.KEY.format("nchw") + "&in_flight=1", 0.007))
        self.assertIn("2 cases, 0 of them without a result; kernel times by cuda_event.", text)
        self.assertIn("| group | 8x64x56x56 | 0.1 | 5 | 7 | 4.9 | 2 |", text)

    def test_layouts_side_by_side(self):
        text = self.rendered(case("norm/" + self.KEY.format("nchw"), 0.002),
                             case("norm/" + self.KEY.format("nhwc"), 0.003))
        self.assertIn("| group?impl=torch&shape=8x64x56x56&g=32&dtype=f32&dev=cuda:0 | 2 | 3 | 1.5 |", text)

    def test_what_was_not_measured_is_a_dash(self):
        failed = {**case("norm/" + self.KEY.format("nhwc"), 1), "status": "failed"}
        text = self.rendered(failed, case("service/batch?shape=1x2x3x4&in_flight=1", 0.001))
        self.assertIn("- no result: norm/" + self.KEY.format("nhwc"), text)
        self.assertIn("| batch | 1x2x3x4 | - | - | 1 | - | - |", text)
        self.assertIn("| group?impl=torch&shape=8x64x56x56&g=32&dtype=f32&dev=cuda:0 | - | - | - |", text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
