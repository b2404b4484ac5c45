# SPDX-License-Identifier: Apache-2.0
"""normbench compare and gate with real servers: faults are noticed, servers that fail are named, what is kept can be read."""

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree

import numpy
import tritonclient.grpc as triton

from support import CLIENT, ROOT, SERVER, ServerProcess, make_test_models, metric, wait_for

# Of a visit of a tenth of a second a single tick of steal is a lot: here no round is void.
POLICY = {"version": 1, "name": "e2e", "rounds": 6, "extension_rounds": 0, "confirmation_rounds": 0, "budget_seconds": 120,
          "max_detectable": 100, "max_steal": 1, "max_throttled": 1, "metrics": [{"metric": "p50", "margin": 0.05}],
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

    def outputs(self):
        """Flags for what pipelines read, and paths of all that is written."""
        paths = {flag: self.folder / f"for-ci{flag}" for flag in ("--junit", "--markdown", "--badge")}
        folder = [self.folder / "out" / name for name in ("comparison.json", "comparison.md", "junit.xml", "badge.json")]
        return [str(word) for pair in paths.items() for word in pair], [*paths.values(), *folder]

    def assert_failed(self, done, why):
        """Exit 1, and `why` is in all that was to be written."""
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stdout, f"VERDICT  FAILED, .*{why}")
        for path in self.outputs()[1]:
            self.assertRegex(path.read_text(), "FAILED" if "badge" in path.name else why)
        self.assertEqual(self.kept()["verdict"], "FAILED")

    def assert_ended(self, pids):
        for pid in pids.read_text().split():
            with self.assertRaises(ProcessLookupError):
                os.kill(int(pid), 0)

    def script(self, name, text):
        """A server that does something else first."""
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return str(path)


class Servers(GateTest):
    def test_a_slower_server_is_regressed_and_all_of_it_is_kept(self):
        # The wider the margin, the more A may differ from A'.
        policy = {**POLICY, "rounds": 8, "confirmation_rounds": 8, "metrics": [{"metric": "p50", "margin": 0.5}]}
        done = self.compare(SERVER, f"{SERVER} --allow-faults --fault-delay 300%", policy)
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
        flags, paths = self.outputs()
        for command, why in ((f"{SERVER} --no-such-flag", "no-such-flag"), ("/no/such/program", "/no/such/program")):
            with self.subTest(command=command):
                for path in paths:
                    path.unlink(missing_ok=True)
                self.assert_failed(self.compare(SERVER, command, POLICY, *flags), why)
                self.assertEqual(self.kept()["rounds"], [])

    def test_one_that_hangs_is_given_up(self):
        flags, _ = self.outputs()
        done = self.compare(SERVER, "sh -c 'exec sleep 100'", POLICY, "--start-timeout", "0.5", *flags)
        self.assert_failed(done, "within 0.5 s")

    def test_one_that_hangs_in_a_round_is_given_up_within_the_budget(self):
        starts = self.folder / "starts"
        noted = self.script("noted", f'echo "$$" >>{starts}\nfor word; do ports=$word; done\necho "$ports" >{starts}.$$\n'
                                     f'exec {shlex.quote(SERVER)} "$@"')
        flags, _ = self.outputs()
        policy = {**POLICY, "cells": [{**POLICY["cells"][0], "seconds": 1}], "budget_seconds": 75}
        client = subprocess.Popen(self.words(SERVER, noted, policy, *flags), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, cwd=ROOT)
        self.addCleanup(client.kill)
        self.assertTrue(any(line.startswith("plan ") for line in client.stdout))  # those before are no rounds
        before = len(starts.read_text().split())
        self.wait_for(client, starts, before + 1)
        pid = int(starts.read_text().split()[before])
        ports = pathlib.Path(wait_for(lambda: self.text_of(f"{starts}.{pid}"), "the name of the file with ports"))
        address = json.loads(wait_for(lambda: self.text_of(ports), "ports"))["http"]
        wait_for(lambda: metric(address, "normbench_server_in_flight_requests", rpc="Measure") == 1, "a measurement")
        os.kill(pid, signal.SIGSTOP)
        out, err = client.communicate(timeout=200)
        self.assert_failed(subprocess.CompletedProcess([], client.returncode, out, err), r"round \d, B .*said nothing for \d")
        self.assertLess(self.kept()["duration_seconds"], 120, "the stall of a run without a budget is 180 s")
        self.assert_ended(starts)

    @staticmethod
    def text_of(path):
        """Of a file that may not be there, or not whole, yet."""
        path = pathlib.Path(path)
        text = path.read_text() if path.exists() else ""
        return text.strip() if text.endswith("\n") else ""

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
        cpus = self.folder / "cpus"
        doomed = self.script("doomed", f'grep Cpus_allowed_list /proc/self/status >>{cpus}\necho $$ >>{pids}\n'
                                       f'exec {shlex.quote(SERVER)} "$@"')
        policy = {**POLICY, "cells": [{**POLICY["cells"][0], "seconds": 5}], "budget_seconds": 3600}
        client = subprocess.Popen(self.words(SERVER, doomed, policy), stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, cwd=ROOT)
        self.addCleanup(client.kill)
        self.wait_for(client, pids, 3)  # the first one is only looked at, the second one rehearses
        os.kill(int(pids.read_text().split()[2]), signal.SIGKILL)
        out, err = client.communicate(timeout=100)
        self.assertEqual(client.returncode, 1, out + err)
        self.assertIn("round 1, B", out)
        usable = sorted(os.sched_getaffinity(0))
        if len(usable) == 2:
            self.assertEqual({line.split()[1] for line in cpus.read_text().splitlines()}, {str(usable[0])})

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
        self.assert_ended(pids)


class Models(GateTest):
    def test_a_model_that_loses_images_is_4(self):
        models = make_test_models(type(self)) / "models"
        for model in models.iterdir():  # each visit loads what is there
            if model.name != "plain6_gn":
                shutil.rmtree(model)
        data, labels = self.folder / "images.npy", self.folder / "labels.npy"
        images = numpy.random.default_rng(1).normal(size=(200, 1, 28, 28)).astype(numpy.float32)
        numpy.save(data, images.reshape(200, 784))
        with ServerProcess("--models", str(models)) as server, triton.InferenceServerClient(server.grpc_address) as client:
            metadata = client.get_model_metadata("plain6_gn")
            x = triton.InferInput(metadata.inputs[0].name, [1, 1, 28, 28], "FP32")
            answers = []
            for image in images:
                x.set_data_from_numpy(image[None])
                answers.append(client.infer("plain6_gn", [x]).as_numpy(metadata.outputs[0].name).argmax())
        numpy.save(labels, numpy.array(answers, dtype=numpy.int64))
        key = f"model/plain6_gn?data={data}&labels={labels}&request_batch=1&in_flight=1"
        cell = {"key": [key], "seconds": 0.1, "warmup_seconds": 0.1}
        honest = f"{SERVER} --models {models}"
        done = self.compare(honest, f"{honest} --allow-faults --fault-numeric 0.1", {**POLICY, "cells": [cell]})
        self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
        # By the images themselves: A answers all of them as the labels say.
        self.assertRegex(done.stdout, r"top-1 100.00 % -> .*: \d+ images lost, 0 won, McNemar p = ")


class Selftest(unittest.TestCase):
    FAULTS = {"none": "(OK|IMPROVED)", "mean": "REGRESSED", "tail": "REGRESSED", "cpu": "REGRESSED", "numeric": "ACCURACY",
              "client stall": "CLIENT_LIMITED"}

    def selftest(self, *words):
        done = subprocess.run([CLIENT, "gate", "selftest", *words], capture_output=True, text=True, timeout=2000, cwd=ROOT)
        print(done.stdout, flush=True)
        # No fault is OK, none is somebody else's.
        self.assertNotIn("WRONG", done.stdout)
        self.assertIn(done.returncode, (0, 5), done.stdout + done.stderr)
        return done

    def test_every_fault_is_noticed(self):
        done = self.selftest()
        self.assertEqual(done.stdout.count("expected exit"), 6)
        noticed = {fault for fault, verdict in self.FAULTS.items() if re.search(rf"(?m)^{fault} .*{verdict}", done.stdout)}
        self.assertEqual(done.returncode, 0 if len(noticed) == 6 else 5, done.stdout)
        # A machine that is busy with something else may leave a gate open: twice more.
        for fault in self.FAULTS.keys() - noticed:
            with self.subTest(fault=fault):
                again = (self.selftest("--fault", fault) for _ in range(2))
                self.assertTrue(any(re.search(rf"(?m)^{fault} .*{self.FAULTS[fault]}", once.stdout) for once in again))


if __name__ == "__main__":
    unittest.main()
