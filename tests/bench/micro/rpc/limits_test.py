# SPDX-License-Identifier: Apache-2.0
"""Does rpc_limits run, with a real server: every request is refused, and the distribution is there."""

import os
import re
import subprocess
import tempfile
import unittest


def rpc_limits(*flags):
    with tempfile.TemporaryDirectory() as scratch:
        return subprocess.run([os.environ["NORMBENCH_RPC_LIMITS"], "--scratch", scratch, *flags], capture_output=True,
                              text=True, timeout=120)


class RpcLimits(unittest.TestCase):
    def test_prints_the_distribution(self):
        done = rpc_limits("--requests", "400")
        self.assertIn(done.returncode, (0, 3), done.stdout + done.stderr)
        self.assertTrue(done.stdout.startswith("400 requests refused"), done.stdout)
        for quantile in (50, 90, 99, 100):
            self.assertRegex(done.stdout, rf"(?m)^ +{quantile}% +\d+\.\d+$")
        self.assertRegex(done.stdout, r"(?m)^p99 [\d.]+ ms \[[\d.]+, [\d.]+\]  <= 5\.0  (met|missed|undecided)$")

    def test_few_requests_have_no_interval(self):
        self.assertIn("too few requests", rpc_limits("--requests", "10").stdout)

    def test_what_is_wrong_is_said(self):
        self.assertEqual(rpc_limits("--requests", "0").returncode, 2)
        self.assertEqual(rpc_limits("--requests", "20000", "--in-flight", "1").returncode, 2)
        done = rpc_limits("--bin", "/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("rpc_limits: ", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
