# SPDX-License-Identifier: Apache-2.0
"""normbench gate on reports that real runs have kept: one server with itself, a wrong one, a slow one, another set-up."""

import json
import pathlib
import subprocess
import tempfile
import unittest

from support import CLIENT, ROOT, ServerProcess

KERNEL = "norm/group?impl=native&shape=1x64x56x56"
SERVICE = "service/rms?impl=native&shape=8x64"
SWEEP = {"version": 1, "name": "short", "cases": [{"key": [KERNEL, SERVICE], "seconds": 1, "warmup_seconds": 0.1}]}
# How noisy this machine is today is not what is tested.
POLICY = {"version": 1, "name": "e2e", "max_detectable": 100, "metrics": [{"metric": "p50", "margin": 0.5}],
          "cells": [{"key": [KERNEL, SERVICE]}]}


def client(*arguments):
    return subprocess.run([CLIENT, *map(str, arguments)], capture_output=True, text=True, timeout=120, cwd=ROOT)


class KeptReports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="normbench-kept-")))
        (cls.folder / "sweep.json").write_text(json.dumps(SWEEP))
        with ServerProcess("--workers", "1") as server:
            cls.first, cls.second = cls.measure(server, "first"), cls.measure(server, "second")

    @classmethod
    def measure(cls, server, name, visits=5):
        out = cls.folder / name
        done = client("run", cls.folder / "sweep.json", "--server", server.grpc_address, "--visits", visits, "--out", out)
        if not (out / "report.json").exists():
            raise AssertionError(done.stdout + done.stderr)
        return out

    def gate(self, a, b, policy=POLICY, *more):
        path = self.folder / "policy.json"
        path.write_text(json.dumps(policy))
        done = client("gate", "--baseline", a, "--candidate", b, "--policy", path, *more)
        return done.returncode, done.stdout + done.stderr

    def test_one_server_is_not_worse_than_itself(self):
        for a, b in ((self.first, self.second), (self.second, self.first)):
            code, text = self.gate(a, b)
            self.assertIn(code, (0, 5), text)
            self.assertRegex(text, r"service/rms\S+ +p50 .*\[.+, .+\]")
            self.assertRegex(text, r"accuracy .* unchanged")

    def test_a_wrong_one_is_4(self):
        with ServerProcess("--workers", "1", "--allow-faults", "--fault-numeric", "0.001") as server:
            wrong = self.measure(server, "wrong")
        code, text = self.gate(self.first, wrong)
        self.assertEqual(code, 4, text)
        self.assertRegex(text, r"worse .*err_scaled")

    def test_a_slow_one_is_a_suspicion_if_it_was_visited_often_enough(self):
        with ServerProcess("--workers", "1", "--allow-faults", "--fault-delay", "300%") as server:
            once, often = self.measure(server, "once", visits=1), self.measure(server, "often")
        policy = {**POLICY, "metrics": [{"metric": "p50", "margin": 0.05}]}
        code, text = self.gate(self.first, once, policy)
        self.assertEqual(code, 5, text)
        self.assertNotIn("slower", text)
        code, text = self.gate(self.first, often, policy)
        self.assertEqual(code, 5, text)
        self.assertIn("slower, but of one server process", text)

    def test_other_settings_are_refused_but_for_answers(self):
        with ServerProcess("--workers", "2", "--allow-faults", "--fault-numeric", "0.001") as server:
            other = self.measure(server, "other")
        code, text = self.gate(other, self.first)
        self.assertEqual(code, 2, text)
        self.assertIn("workers 2 | 1", text)
        code, text = self.gate(self.first, other)
        self.assertEqual(code, 4, text)
        self.assertRegex(text, r"worse .*err_scaled")
        self.assertIn("workers 1 | 2", text)

    def test_rates_are_open_where_the_policy_names_them_and_else_a_note(self):
        rates = {**POLICY, "metrics": POLICY["metrics"] + [{"metric": "samples_per_s", "margin": 0.05}]}
        code, text = self.gate(self.first, self.second, rates)
        self.assertEqual(code, 5, text)
        self.assertRegex(text, r"service/rms\S+ +samples_per_s .*not in these reports")
        done = client("gate", "--baseline", self.first, "--candidate", self.second)
        self.assertIn(done.returncode, (0, 2, 5), done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"note +samples_per_s is left out")


if __name__ == "__main__":
    unittest.main()
