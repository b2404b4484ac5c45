# SPDX-License-Identifier: Apache-2.0
"""normbench compare and gate with real servers: faults are noticed, servers that fail are named, what is kept can be read."""

import json
import os
import pathlib
import shlex
import signal
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree

from support import CLIENT, ROOT, SERVER

POLICY = {"version": 1, "name": "e2e", "rounds": 6, "extension_rounds": 0, "confirmation_rounds": 0, "budget_seconds": 120,
          "max_detectable": 100, "metrics": [{"metric": "p50", "margin": 0.05}],
          "cells": [{"key": ["norm/group?impl=native&shape=1x64x56x56"], "seconds": 0.1, "warmup_seconds": 0.1}]}


class GateTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="normbench-gate-")))

    def words(self, a, b, policy=POLICY, *more):
        path = self.folder / "policy.json"
        path.write_text(json.dumps(policy))
        return [CLIENT, "compare", "--a", a, "--b", b, "--policy", str(path), "--out", str(self.folder / "out"), *more]

    def compare(self, *arguments, **options):
        return subprocess.run(self.words(*arguments), capture_output=True, text=True, timeout=200, cwd=ROOT, **options)

    def wait_for(self, client, pids, count):
        """Until so many servers were started."""
        end = time.monotonic() + 100
        while not pids.exists() or len(pids.read_text().split()) < count:
            self.assertIsNone(client.poll())
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def kept(self):
        return json.loads((self.folder / "out" / "comparison.json").read_text())

    def script(self, name, text):
        """A server that does something else first."""
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return str(path)


class Servers(GateTest):
    def test_a_slower_server_is_regressed_and_all_of_it_is_kept(self):
        done = self.compare(SERVER, f"{SERVER} --allow-faults --fault-delay 300%", {**POLICY, "rounds": 8, "confirmation_rounds": 8})
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertIn("REGRESSED (confirmed)", done.stdout)
        self.assertIn("accuracy", done.stdout)
        kept = self.kept()
        self.assertEqual(kept["verdict"], "REGRESSED")
        self.assertEqual([len(r["visits"]) for r in kept["rounds"] if not r["why_void"]], [3] * 8 + [2] * 8)
        self.assertTrue(kept["a"]["started_by_us"])
        self.assertTrue(all(v["host"]["seconds"] > 0 for r in kept["rounds"] for v in r["visits"]))
        suite = xml.etree.ElementTree.parse(self.folder / "out" / "junit.xml").getroot()[0]
        self.assertEqual(suite.get("failures"), "1")
        self.assertEqual(json.loads((self.folder / "out" / "badge.json").read_text())["message"], "REGRESSED")

    def test_a_wrong_server_is_4(self):
        done = self.compare(SERVER, f"{SERVER} --allow-faults --fault-numeric 0.001")
        self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
        self.assertIn("err_scaled", done.stdout)

    def test_one_that_does_not_start_says_why(self):
        done = self.compare(SERVER, f"{SERVER} --no-such-flag")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("no-such-flag", done.stderr)
        done = self.compare(SERVER, "/no/such/program")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/no/such/program", done.stderr)

    def test_one_that_hangs_is_given_up(self):
        done = self.compare(SERVER, "sh -c 'exec sleep 100'", POLICY, "--start-timeout", "0.5")
        self.assertEqual(done.returncode, 1)
        self.assertIn("within 0.5 s", done.stderr)

    def test_one_that_dies_in_a_round_leaves_the_rounds_before_it(self):
        count = self.folder / "count"
        # The ninth start is that of round 7: one was to see what it is, one to rehearse.
        dies = self.script("dies", f'echo x >>{count}\n[ "$(wc -l <{count})" -lt 9 ] || {{ echo out of luck; exit 7; }}\n'
                                   f'exec {shlex.quote(SERVER)} "$@"')
        done = self.compare(SERVER, dies, {**POLICY, "rounds": 8})
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("round 7, B", done.stdout)
        self.assertIn("exit 7", done.stdout)
        self.assertIn("out of luck", done.stdout)
        self.assertEqual(len(self.kept()["rounds"]), 6)
        self.assertEqual(self.kept()["outcome"], "arm_failed")

    def test_one_that_is_killed(self):
        pids = self.folder / "pids"
        doomed = self.script("doomed", f'echo $$ >>{pids}\nexec {shlex.quote(SERVER)} "$@"')
        policy = {**POLICY, "cells": [{**POLICY["cells"][0], "seconds": 5}], "budget_seconds": 3600}
        client = subprocess.Popen(self.words(SERVER, doomed, policy), stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, cwd=ROOT)
        self.addCleanup(client.kill)
        self.wait_for(client, pids, 3)  # the first one is only looked at, the second one rehearses
        os.kill(int(pids.read_text().split()[2]), signal.SIGKILL)
        out, err = client.communicate(timeout=100)
        self.assertEqual(client.returncode, 1, out + err)
        self.assertIn("round 1, B", out)

    def test_an_interrupt_ends_it_and_its_server(self):
        pids = self.folder / "pids"
        noted = self.script("noted", f'echo $$ >>{pids}\nexec {shlex.quote(SERVER)} "$@"')
        policy = {**POLICY, "cells": [{**POLICY["cells"][0], "seconds": 5}], "budget_seconds": 3600}
        client = subprocess.Popen(self.words(noted, noted, policy), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, cwd=ROOT)
        self.addCleanup(client.kill)
        self.wait_for(client, pids, 5)  # four were to be looked at and to rehearse
        client.send_signal(signal.SIGINT)
        out, err = client.communicate(timeout=100)
        self.assertEqual(client.returncode, 130, out + err)
        for pid in pids.read_text().split():
            with self.assertRaises(ProcessLookupError):
                os.kill(int(pid), 0)


class Selftest(unittest.TestCase):
    def test_every_fault_is_noticed(self):
        done = subprocess.run([CLIENT, "gate", "selftest"], capture_output=True, text=True, timeout=900, cwd=ROOT)
        print(done.stdout, flush=True)
        self.assertEqual(done.stdout.count("expected exit"), 6)
        # A machine that is busy with something else may leave a gate open (5); no fault is OK, none is somebody else's.
        self.assertNotIn("WRONG", done.stdout)
        self.assertNotIn("(0 s)", done.stdout)  # refused before a round
        self.assertIn(done.returncode, (0, 5), done.stdout + done.stderr)
        for fault, verdict in (("mean", "REGRESSED"), ("numeric", "ACCURACY"), ("client stall", "CLIENT_LIMITED")):
            self.assertRegex(done.stdout, rf"(?m)^{fault} .*{verdict}")


if __name__ == "__main__":
    unittest.main()
