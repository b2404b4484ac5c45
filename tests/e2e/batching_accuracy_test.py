# SPDX-License-Identifier: Apache-2.0
"""Does a server's batching change answers? The client joins nothing itself: it has many requests of one image under way,
and compares every answer with the one to the image alone, by the batch that the server formed.
"""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import numpy

from support import CLIENT, ServerTest, make_test_models

DELAY = "dynamic_batching { max_queue_delay_microseconds: 2000 }\n"
NATIVE = 'parameters { key: "norm_impl" value { string_value: "native" } }\n'
IMAGES = 24  # no multiple of what is under way: neighbours differ from pass to pass


class BatchingAccuracyTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = make_test_models(cls)
        cls.models = cls.folder / "models"
        cls.data = cls.folder / "x.npy"
        numpy.save(cls.data, numpy.random.default_rng(1).normal(size=(IMAGES, 1, 28, 28)).astype(numpy.float32))
        cls.copy_model("plain6_gn", "joined_gn", DELAY + NATIVE)
        cls.copy_model("plain6_bn2_batchstats", "joined_batchstats", DELAY)
        cls.FLAGS = ("--models", str(cls.models))
        super().setUpClass()

    @classmethod
    def copy_model(cls, source, name, more):
        shutil.copytree(cls.models / source, cls.models / name)
        config = cls.models / name / "config.pbtxt"
        config.write_text(config.read_text().replace(f'"{source}"', f'"{name}"') + more)

    def run_client(self, *arguments):
        out = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        done = subprocess.run([CLIENT, "run", *arguments, "--server", self.server.grpc_address, "--out", str(out)],
                              capture_output=True, text=True, timeout=120)
        return done, json.loads((out / "report.json").read_text())["cases"]

    def run_model(self, name, in_flight):
        done, cases = self.run_client("--model", name, "--input-data", str(self.data), "--in-flight", in_flight)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for case in cases:
            many = case["model"]["in_flight"] > 1
            self.assertEqual(case["batching"]["baseline"], "alone" if many else "one_at_a_time")
            answers = sum(formed["answers"] for formed in case["batching"]["formed"])
            self.assertGreaterEqual(answers, case["requests"], "every answer of the window is in one row")
            self.assertEqual(answers, sum(formed["compared"] for formed in case["batching"]["formed"]))
        return done.stdout, cases

    def test_answers_of_a_norm_that_looks_at_its_own_sample_differ_by_rounding_at_most(self):
        text, [case] = self.run_model("joined_gn", "16")
        formed = case["batching"]["formed"]
        self.assertGreater(max(row["formed_batch"] for row in formed), 1, "nothing was joined")
        for row in formed:
            self.assertEqual(row["beyond_tolerance"], 0, row)
            self.assertTrue(0 <= row["equal_share"] <= 1, row)
            self.assertRegex(text, rf"joined_gn +1 +{row['formed_batch']} +{row['answers']:.0f} +[\d.>]+ ")

    def test_answers_of_batch_statistics_depend_on_the_neighbours(self):
        _, [alone, joined] = self.run_model("joined_batchstats", "1,16")
        [row] = alone["batching"]["formed"]
        self.assertEqual((row["equal_share"], row["flips"], row["max_abs_difference"]), (1, 0, 0))
        large = 0
        for row in joined["batching"]["formed"]:
            if row["formed_batch"] == 1:
                self.assertEqual((row["equal_share"], row["flips"]), (1, 0))
                continue
            large += row["formed_batch"] > 8
            self.assertEqual(row["equal_share"], 0, row)
            self.assertEqual(row["beyond_tolerance"], row["answers"], "none of it is rounding")
        self.assertGreater(large, 0, "nothing was joined")
        self.assertGreater(sum(row["flips"] for row in joined["batching"]["formed"]), 0)

    def test_answers_of_batch_statistics_that_ride_alone_are_those_alone(self):
        done, [case] = self.run_client(f"model/joined_batchstats?data={self.data}&in_flight=16&arrivals=constant:40")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        rows = {row["formed_batch"]: row for row in case["batching"]["formed"]}
        self.assertGreater(rows[1]["answers"], 40, "a request every 25 ms, joined for 2 ms")
        self.assertEqual((rows[1]["equal_share"], rows[1]["flips"], rows[1]["max_abs_difference"]), (1, 0, 0))

    def test_the_promise_of_equal_bits_can_be_expected(self):
        sweep = self.folder / "sweep.json"
        model = {"input_data": str(self.data), "in_flight": [16], "seconds": 0.2, "expect": ["equal==1", "max_diff==0"]}
        for name, code in (("plain6_gn", 0), ("joined_batchstats", 4)):
            sweep.write_text(json.dumps({"version": 1, "name": "x", "model": [{**model, "model": [name]}]}))
            done, _ = self.run_client(str(sweep))
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)

    def test_a_model_whose_requests_are_not_joined_has_no_table(self):
        text, [case] = self.run_model("plain6_gn", "16")
        self.assertEqual([row["formed_batch"] for row in case["batching"]["formed"]], [1])
        self.assertFalse(re.search(r"\bformed\b", text), text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
