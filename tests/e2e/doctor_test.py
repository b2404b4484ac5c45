# SPDX-License-Identifier: Apache-2.0
"""`normbench doctor` as a process: what it prints, how it ends."""

import json
import signal
import subprocess
import unittest

from support import CLIENT

CHECKS = ["steal", "throttled", "CPU pressure", "others running", "CPUs", "CPU quota", "memory", "CPU governor",
          "CPU boost", "threads per core", "timer slack", "wakes late, p99"]
WORKS = ["compute", "copy", "round trip"]


def doctor(*flags):
    return subprocess.run([CLIENT, "doctor", *flags], capture_output=True, text=True, timeout=120)


class Doctor(unittest.TestCase):
    def test_json_has_all_rows(self):
        done = doctor("--seconds", "3", "--format", "json")
        found = json.loads(done.stdout)
        self.assertIn(done.returncode, (0, 5), done.stderr)
        self.assertEqual(found["exit_code"], done.returncode)
        self.assertEqual(found["verdict"] in ("fit", "marginal"), done.returncode == 0)
        self.assertFalse(found["interrupted"])
        self.assertEqual([check["name"] for check in found["checks"]], CHECKS)
        self.assertEqual([(row["work"], row["figure"]) for row in found["noise"]],
                         [(work, figure) for work in WORKS for figure in ("p50", "mean")])
        for row in found["noise"]:
            self.assertGreater(row["seconds"], 0)
            self.assertGreaterEqual(row["pairs"], 1)
            self.assertLessEqual(row["pairs"], 25)

    def test_the_table_has_them_too(self):
        done = doctor("--seconds", "3")
        self.assertIn(done.returncode, (0, 5), done.stderr)
        self.assertTrue(done.stdout.startswith("host   "))
        for name in CHECKS + WORKS:
            self.assertIn(f"\n  {name} ", done.stdout)
        last = done.stdout.splitlines()[-1]
        self.assertRegex(last, "^VERDICT  (good enough|marginal|unfit) for a 5 % gate: |^VERDICT  unknown: ")
        self.assertEqual(last.startswith(("VERDICT  good enough", "VERDICT  marginal")), done.returncode == 0)

    def test_bad_values_are_refused(self):
        for flags in (["--seconds", "0"], ["--seconds", "10000"], ["--seconds", "abc"], ["--format", "xml"],
                      ["--secnds", "3"]):
            with self.subTest(flags=flags):
                done = doctor(*flags)
                self.assertEqual(done.returncode, 2)
                self.assertEqual(done.stdout, "")
                self.assertIn(flags[0], done.stderr)
                self.assertIn(flags[1] if flags[0] != "--secnds" else "did you mean --seconds?", done.stderr)

    def test_ctrl_c_ends_it_with_what_there_is(self):
        process = subprocess.Popen([CLIENT, "doctor", "--seconds", "3600", "--format", "json"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertIn("1h00m", process.stderr.readline())
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        found = json.loads(out)
        self.assertTrue(found["interrupted"])
        self.assertEqual(found["exit_code"], 130)
        self.assertEqual(len(found["checks"]), len(CHECKS))


if __name__ == "__main__":
    unittest.main(verbosity=2)
