# SPDX-License-Identifier: Apache-2.0
"""Does the benchmark run: every line there, with numbers. What the numbers are is not judged here."""

import os
import re
import subprocess
import tempfile
import unittest

LINE = re.compile(r"^(?P<name>\S.*?) +[\d.]+ +[\d.]+ \S+ +[\d.]+ \[[\d.]+, [\d.]+\] +[<>]= [\d.]+ +(met|missed|undecided)$",
                  re.M)


class RpcBench(unittest.TestCase):
    def test_every_line_is_there(self):
        with tempfile.TemporaryDirectory() as scratch:
            done = subprocess.run([os.environ["NORMBENCH_RPC_BENCH"], "--pairs", "6", "--seconds", "0.05", "--scratch",
                                   scratch], capture_output=True, text=True, timeout=240)
        self.assertIn(done.returncode, (0, 3), done.stdout + done.stderr)
        self.assertEqual(len(LINE.findall(done.stdout)), 6, done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
