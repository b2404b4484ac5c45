# SPDX-License-Identifier: Apache-2.0
"""The client as a stranger meets it: real program, real server, exit codes, report."""

import csv
import json
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import unittest

import jsonschema
import numpy

from support import CLIENT, ROOT, ModelServerTest, ServerProcess, wait_for

GROUP = "norm/group?impl=reference&shape=2x8x4x4&g=4&dtype=f32&layout=nchw&dev=cpu"


def client(*arguments, timeout=120):
    return subprocess.run([CLIENT, *arguments], capture_output=True, text=True, timeout=timeout, cwd=ROOT)


class WithoutServer(unittest.TestCase):
    def test_a_misspelt_sweep_key_names_the_nearest(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as sweep:
            sweep.write('{"version": 1, "name": "x", "kernel": [{"norm": ["rms"], "shape": ["8"], "tensr_n": [1]}]}')
            sweep.flush()
            done = client("run", sweep.name)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("tensr_n", done.stderr)
        self.assertIn("tensor_n", done.stderr)

    def test_a_misspelt_flag_names_the_nearest(self):
        done = client("run", "norm", "group", "--shape", "8x4x4", "--grups", "4")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("--groups", done.stderr)

    def test_an_unreachable_server_is_one_sentence(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))  # bound, not listening: nobody else takes the port
            address = "127.0.0.1:%d" % unused.getsockname()[1]
            done = client("run", GROUP, "--server", address, "--connect-timeout", "0.5")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(address, done.stderr)

    def test_dry_run_prints_every_case_and_needs_no_server(self):
        done = client("run", "bench/sweeps/quickstart.json", "--dry-run", "--server", "127.0.0.1:1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(re.findall(r"^\s*(?:norm|service|model)/\S+", done.stdout, re.M)), 52, done.stdout)


class WithServer(ModelServerTest):
    def run_client(self, *arguments):
        self.out = self.folder / self.id().rsplit(".", 1)[-1]
        return client("run", *arguments, "--server", self.server.grpc_address, "--out", str(self.out))

    def report(self):
        return json.loads((self.out / "report.json").read_text())

    def test_smoke_sweep_ends_well_and_its_report_matches_its_schema(self):
        done = self.run_client("bench/sweeps/smoke.json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        report = self.report()
        jsonschema.validate(report, json.loads((self.out / "report.schema.json").read_text()))
        self.assertEqual(report["outcome"], "complete")
        self.assertEqual({c["status"] for c in report["cases"]}, {"ok"})
        self.assertEqual(len(report["cases"]), 24)
        self.assertTrue(all(e["holds"] for c in report["cases"] for e in c["expectations"]))
        self.assertIn("NB104", done.stdout)

    def test_one_line_case_and_its_rerun_by_key(self):
        done = self.run_client("norm", "group", "--shape", "8x4x4", "--groups", "4", "--n", "1,2", "--seconds", "0.05")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        keys = [c["key"] for c in self.report()["cases"]]
        self.assertEqual(len(keys), 2)
        again = self.run_client(keys[1])
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
        self.assertEqual([c["key"] for c in self.report()["cases"]], keys[1:])

    def test_missed_expectations_have_exit_codes_of_their_own(self):
        one_line = ["norm", "group", "--shape", "8x4x4", "--groups", "4", "--seconds", "0.05", "--expect"]
        self.assertEqual(self.run_client(*one_line, "p50<1ns").returncode, 3)
        self.assertEqual(self.run_client(*one_line, "err_scaled<=0").returncode, 4)

    def test_the_bits_of_a_sample_in_every_batch(self):
        done = self.run_client("invariance/group?impl=reference&shape=1x8x4x4&g=4&layout=nhwc&n=1,2,5&threads=1")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("invariance group 8x4x4 g=4 cpu   n 1 2 5, threads 1", done.stdout)
        self.assertRegex(done.stdout, r"reference +f32 +nhwc +25/25 +0 +0 +- ")
        [case] = self.report()["cases"]
        self.assertEqual(case["invariance_numbers"]["all"]["equal"], 25)
        again = self.run_client(case["key"])
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
        with open(self.out / "report.csv", newline="") as file:
            [row] = csv.DictReader(file)
        self.assertEqual((row["equal"], row["comparisons"], row["first_failing_n"]), ("1", "25", ""))

    def test_an_unmet_promise_of_equal_bits_is_exit_4(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as sweep:
            sweep.write('{"version": 1, "name": "x", "invariance": [{"norm": ["rms"], "shape": ["8"], "impl": '
                        '["reference"], "batch_sizes": [2], "threads": [1], "expect": ["first_failing_n<=2"]}]}')
            sweep.flush()
            done = self.run_client(sweep.name)
        self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
        self.assertIn("missed first_failing_n<=2: inf", done.stdout)

    def test_an_unknown_model_names_the_nearest(self):
        done = self.run_client("model/plain6_gm?data=fmnist-wide&images=8&request_batch=1&in_flight=1")
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("plain6_gn", done.stdout + done.stderr)

    def test_any_v2_model_with_npy_input(self):
        images, labels = self.folder / "x.npy", self.folder / "y.npy"
        numpy.save(images, numpy.random.default_rng(1).normal(size=(20, 1, 28, 28)).astype(numpy.float32))
        numpy.save(labels, numpy.arange(20) % 10)
        self.out = self.folder / "npy"
        done = client("run", "--target", self.server.grpc_address, "--model", "plain6_gn", "--input-data",
                      str(images), "--labels", str(labels), "--request-batch", "1,8", "--out", str(self.out))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        cases = self.report()["cases"]
        self.assertEqual([c["model"]["request_batch"] for c in cases], [1, 8])
        self.assertEqual({c["model_accuracy"]["images"] for c in cases}, {20})
        self.assertEqual(cases[1]["model_accuracy"]["flips"], 0)


class EndsEarly(unittest.TestCase):
    """A long case, and something happens while it runs."""

    def start(self, server, out):
        command = [CLIENT, "run", "norm", "group", "--shape", "8x16x16", "--groups", "4", "--n", "1,2",
                   "--seconds", "30", "--server", server.grpc_address, "--out", out]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_for(lambda: server.metric("normbench_server_in_flight_requests", rpc="Measure") == 1,
                 "a measurement under way")
        return process

    def outcome(self, process, out):
        stdout, stderr = process.communicate(timeout=30)
        return stdout + stderr, json.loads((pathlib.Path(out) / "report.json").read_text())

    def test_interrupted(self):
        with ServerProcess() as server, tempfile.TemporaryDirectory() as out:
            process = self.start(server, out)
            process.send_signal(signal.SIGINT)
            text, report = self.outcome(process, out)
            self.assertEqual(process.returncode, 130, text)
            self.assertEqual(report["outcome"], "interrupted")

    def test_the_server_dies(self):
        with ServerProcess() as server, tempfile.TemporaryDirectory() as out:
            process = self.start(server, out)
            server.signal(signal.SIGKILL)
            text, report = self.outcome(process, out)
            self.assertEqual(process.returncode, 1, text)
            self.assertEqual(report["outcome"], "server_lost")


if __name__ == "__main__":
    unittest.main(verbosity=2)
