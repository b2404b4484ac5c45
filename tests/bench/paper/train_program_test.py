# SPDX-License-Identifier: Apache-2.0
"""normbench-train as a user meets it: its models, its exit codes, what it leaves behind.

usage: train_program_test.py PATH_OF_NORMBENCH_TRAIN
"""

import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

PROGRAM = sys.argv.pop()
MODELS = {"plain6_bn32", "plain6_bn2", "plain6_bn2_batchstats", "plain6_gn", "identity"}


def train(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=300)


class TrainProgram(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.models = pathlib.Path(folder.name) / "models"

    def config(self, name):
        """Read with the message that other V2 servers publish, not with ours."""
        text = (self.models / name / "config.pbtxt").read_text()
        return text_format.Parse(text, model_config_pb2.ModelConfig())

    def test_smoke_models(self):
        done = train("--preset", "smoke", "--out", str(self.models))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({p.name for p in self.models.iterdir()}, MODELS)
        for name in MODELS:
            config = self.config(name)
            self.assertEqual(config.name, name)
            self.assertEqual(config.max_batch_size, 64)
            self.assertEqual((self.models / name / "1" / "weights.pt").is_file(), name != "identity")
        gn = self.config("plain6_gn")
        self.assertEqual((gn.backend, gn.input[0].name, list(gn.input[0].dims)),
                         ("builtin", "image", [1, 28, 28]))
        self.assertEqual((gn.output[0].name, list(gn.output[0].dims)), ("logits", [10]))
        self.assertEqual(gn.input[0].data_type, model_config_pb2.TYPE_FP32)
        self.assertEqual(gn.parameters["channels_per_group"].string_value, "2")
        self.assertLessEqual(float(gn.parameters["test_error"].string_value), 0.5)
        self.assertEqual(self.config("plain6_bn2_batchstats").parameters["stats"].string_value, "batch")
        self.assertEqual((self.models / "plain6_bn2/1/weights.pt").read_bytes(),
                         (self.models / "plain6_bn2_batchstats/1/weights.pt").read_bytes())
        self.assertIn("Fashion-MNIST with photometric variation WIDE", done.stdout)
        self.assertIn("ETA", done.stdout)
        self.assertNotIn("\r", done.stdout)

    def test_signals_leave_nothing(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with subprocess.Popen([PROGRAM, "--preset", "quick", "--out", str(self.models)],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
                self.assertTrue(process.stdout.readline().startswith("data "))
                self.assertTrue(process.stdout.readline().startswith("train "))
                process.send_signal(number)
                _, error = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 130)
            self.assertIn("training was stopped", error)
            self.assertEqual(list(self.models.iterdir()), [])

    def test_usage_errors_suggest(self):
        for arguments, text in ((["--preset", "quik", "--out", "m"], "nearest: quick"),
                                (["--prest", "quick", "--out", "m"], "nearest: --preset"),
                                (["--preset", "quick"], "--out is missing")):
            done = train(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn(text, done.stderr)

    def test_missing_data_names_the_package(self):
        done = train("--preset", "smoke", "--out", str(self.models), "--data", "/not/there")
        self.assertEqual(done.returncode, 1)
        self.assertIn("dataset-fashion-mnist", done.stderr)
        self.assertFalse(self.models.exists())

    def test_a_repository_that_cannot_be_written(self):
        self.models.write_text("a file")
        done = train("--preset", "smoke", "--out", str(self.models))
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.models), done.stderr)

    def test_help_lists_the_presets(self):
        done = train("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("quick: Plain6", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
