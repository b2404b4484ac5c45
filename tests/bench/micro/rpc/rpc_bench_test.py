# SPDX-License-Identifier: Apache-2.0
"""Does the benchmark run: every line there, with numbers. What the numbers are is not judged here."""

import os
import re
import signal
import subprocess
import tempfile
import unittest

LINE = re.compile(r"^(?P<name>\S.*?) +[\d.]+ +[\d.]+ \S+ +[\d.]+ \[[\d.]+, [\d.]+\] +[<>]= [\d.]+ +(met|missed|undecided)$",
                  re.M)


def rpc_bench(*flags):
    """Runs the benchmark in a process group of its own, which ends with it: the servers it started too."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [os.environ["NORMBENCH_RPC_BENCH"], "--pairs", "6", "--seconds", "0.05", "--scratch", scratch, *flags]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   start_new_session=True)
        try:
            stdout, stderr = process.communicate(timeout=240)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            stdout, stderr = process.communicate()
            raise AssertionError(f"not done after 240 s:\n{stdout}{stderr}") from None
    return process.returncode, stdout, stderr


class RpcBench(unittest.TestCase):
    def test_every_line_is_there(self):
        with tempfile.TemporaryDirectory() as models:
            subprocess.run([os.environ["NORMBENCH_MAKE_TEST_MODELS"], models], check=True, timeout=120)
            code, stdout, stderr = rpc_bench("--models", models + "/bench")
        self.assertIn(code, (0, 3), stdout + stderr)
        self.assertEqual(len(LINE.findall(stdout)), 15, stdout)

    def test_filter_runs_the_lines_one_wants(self):
        code, stdout, stderr = rpc_bench("--filter", "4 KiB p50")
        self.assertIn(code, (0, 3), stdout + stderr)
        self.assertEqual([match["name"] for match in LINE.finditer(stdout)],
                         [f"4 KiB p50, 1 in flight, {impl} / echo" for impl in ("reference", "torch")], stdout)

    def test_models_that_are_not_there_are_a_mistake(self):
        code, _, stderr = rpc_bench("--models", "/nowhere")
        self.assertEqual(code, 2)
        self.assertIn("--models: '/nowhere'", stderr)

    def test_a_wrong_flag_is_a_mistake(self):
        self.assertEqual(rpc_bench("--pears", "6")[0], 2)

    def test_a_filter_that_fits_no_line_is_a_mistake(self):
        code, stdout, stderr = rpc_bench("--filter", "5 KiB")
        self.assertEqual((code, LINE.findall(stdout)), (2, []))
        self.assertIn("--filter: no line has '5 KiB' in its name", stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
