# SPDX-License-Identifier: Apache-2.0
"""Servers that are worse on purpose, as the client sees them: a wrong answer is exit 4, a late one has the same bits."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import numpy
import tritonclient.grpc as triton

from support import CLIENT, ServerProcess, make_test_models

SHAPE = "shape=2x8x4x4&g=4&dtype=f32&layout=nchw&dev=cpu"
IMAGES = 200


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.models = ("--models", str(make_test_models(cls) / "models"))
        cls.images = numpy.random.default_rng(1).normal(size=(IMAGES, 1, 28, 28)).astype(numpy.float32)

    def serve(self, *flags):
        return self.enterContext(ServerProcess("--allow-faults", *self.models, *flags))

    def run_norm(self, server, impl):
        """The exit code, and the numbers of one kernel case."""
        out = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        done = subprocess.run([CLIENT, "run", f"norm/group?impl={impl}&{SHAPE}", "--server", server.grpc_address,
                               "--out", str(out)], capture_output=True, text=True, timeout=120)
        [case] = json.loads((out / "report.json").read_text())["cases"]
        numbers = {**case["norm_accuracy"], "distinct_outputs": case["distinct_outputs"]}
        return done.returncode, numbers, done.stdout + done.stderr

    def logits(self, server):
        with triton.InferenceServerClient(server.grpc_address) as client:
            metadata = client.get_model_metadata("plain6_gn")
            x = triton.InferInput(metadata.inputs[0].name, [8, 1, 28, 28], "FP32")
            answers = []
            for first in range(0, IMAGES, 8):
                x.set_data_from_numpy(self.images[first:first + 8])
                answers.append(client.infer("plain6_gn", [x]).as_numpy(metadata.outputs[0].name))
        return numpy.concatenate(answers)

    def test_wrong_answers(self):
        honest, wrong = self.serve(), self.serve("--fault-numeric", "1e-3")
        self.assertIn("fault answers are wrong by 0.1 % of their largest value\n", wrong.log())
        self.assertNotIn("fault ", honest.log())
        for impl in ("native", "torch", "reference"):
            with self.subTest(impl=impl):
                code, accuracy, text = self.run_norm(wrong, impl)
                self.assertEqual(code, 4, text)
                self.assertGreater(accuracy["err_scaled"], 100 * accuracy["bound"])
                self.assertEqual(accuracy["distinct_outputs"], 1)
        right, changed = self.logits(honest), self.logits(wrong)
        self.assertTrue((right != changed).any(axis=1).all(), "an image whose logits have the same bits")
        flips = (right.argmax(axis=1) != changed.argmax(axis=1)).sum()
        self.assertTrue(0 < flips < IMAGES / 2, flips)
        numpy.testing.assert_array_equal(self.logits(wrong), changed)

    def test_late_answers_have_the_same_bits(self):
        honest = self.serve()
        late = self.serve("--fault-delay", "300%", "--fault-tail", "500%", "--fault-cpu", "50%")
        for line in ("busy work of 300 % of its time after each piece of work",
                     "busy work of 500 % of its time after one in a hundred pieces of work",
                     "CPU time of 50 % of the computing time, burned at idle priority"):
            self.assertIn(f"fault {line}\n", late.log())
        for impl in ("native", "torch", "reference"):
            with self.subTest(impl=impl):
                code, accuracy, text = self.run_norm(late, impl)
                self.assertEqual(code, 0, text)
                self.assertEqual(accuracy["distinct_outputs"], 1)
                self.assertEqual(accuracy, self.run_norm(honest, impl)[1])
        numpy.testing.assert_array_equal(self.logits(late), self.logits(honest))


if __name__ == "__main__":
    unittest.main(verbosity=2)
