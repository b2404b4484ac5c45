# SPDX-License-Identifier: Apache-2.0
"""TorchScript models through an unmodified V2 client, against what LibTorch itself answered; and a corrupt one,
which costs nobody but itself.
"""

import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from support import MAKE_TEST_MODELS, ServerTest


class TorchScriptTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="normbench-models-")))
        subprocess.run([MAKE_TEST_MODELS, str(cls.folder)], check=True, timeout=120)
        models = cls.folder / "torchscript"
        good = (models / "scripted" / "1" / "model.pt").read_bytes()
        config = (models / "scripted" / "config.pbtxt").read_text().replace('label_filename: "features.txt"', "")
        weights = (cls.folder / "models" / "plain6_gn" / "1" / "weights.pt").read_bytes()
        for name, damaged in [("cut", good[:len(good) // 2]), ("text", b"not a module\n"), ("empty", b""),
                              ("weights", weights)]:
            (models / name / "1").mkdir(parents=True)
            (models / name / "config.pbtxt").write_text(config)
            (models / name / "1" / "model.pt").write_bytes(damaged)
        (models / "no name").mkdir()
        cls.FLAGS = ("--models", str(models))
        super().setUpClass()
        cls.client = triton.InferenceServerClient(cls.server.grpc_address)
        cls.addClassCleanup(cls.client.close)
        cls.images = np.fromfile(cls.folder / "images.f32", np.float32).reshape(8, 1, 28, 28)
        cls.features = np.fromfile(cls.folder / "scripted.features.f32", np.float32).reshape(8, 8)
        cls.means = np.fromfile(cls.folder / "scripted.mean.f32", np.float32)

    def infer(self, images, model="scripted", name="image", **more):
        tensor = triton.InferInput(name, list(images.shape), "FP32")
        tensor.set_data_from_numpy(images)
        return self.client.infer(model, [tensor], **more)

    def test_answers_are_libtorchs_at_batch_1_and_8(self):
        for batch in (1, 8):
            answers = [self.infer(part) for part in np.split(self.images, 8 // batch)]
            self.assertEqual(answers[0].as_numpy("features").shape, (batch, 8))
            self.assertEqual(answers[0].as_numpy("mean").shape, (batch,))
            # The batch may choose another route through LibTorch: a few roundings, values are about 1.
            np.testing.assert_allclose(np.concatenate([a.as_numpy("features") for a in answers]), self.features,
                                       rtol=0, atol=1e-6)
            np.testing.assert_allclose(np.concatenate([a.as_numpy("mean") for a in answers]), self.means,
                                       rtol=0, atol=1e-6)

    def test_classes_come_with_their_labels(self):
        answer = self.infer(self.images, outputs=[triton.InferRequestedOutput("features", class_count=8),
                                                  triton.InferRequestedOutput("mean", class_count=2)])
        for row, texts in zip(self.features, answer.as_numpy("features")):
            for place, text in zip(np.argsort(-row, kind="stable"), texts):
                value, *named = text.decode().split(":")
                self.assertAlmostEqual(float(value), row[place], delta=1e-6)
                self.assertEqual(named, [str(place), "abcdefg"[place]] if place < 7 else ["7"])
        self.assertEqual(answer.as_numpy("mean").shape, (8, 1), "one value a sample, one class")

    def test_an_open_dimension_takes_any_size(self):
        images = np.repeat(np.repeat(self.images[:2], 2, axis=2), 3, axis=3)
        np.testing.assert_allclose(self.infer(images).as_numpy("mean"), images.mean((1, 2, 3)), atol=1e-5)

    def test_a_repository_for_another_server_loads_as_it_is(self):
        config = self.client.get_model_config("resnet_like").config
        self.assertEqual((config.platform, config.default_model_filename), ("pytorch_libtorch", "traced.pt"))
        self.assertEqual(self.client.get_model_metadata("resnet_like").platform, "pytorch_libtorch")
        answer = self.infer(self.images, "resnet_like", "INPUT__0")
        np.testing.assert_allclose(answer.as_numpy("OUTPUT__0"), self.features, rtol=0, atol=1e-6)

    def test_the_index_says_why_a_corrupt_model_does_not_serve(self):
        index = {m.name: m for m in self.client.get_model_repository_index().models}
        for name in ("scripted", "resnet_like"):
            self.assertEqual(index[name].state, "READY", index[name].reason)
        for name in ("cut", "empty", "text", "weights"):
            self.assertEqual(index[name].state, "UNAVAILABLE")
            why = "the module has no forward" if name == "weights" else f"{name}/1/model.pt: no TorchScript module"
            self.assertTrue(index[name].reason.startswith(f"model {name}: {why}"), index[name].reason)
            self.assertNotIn("\n", index[name].reason)
            self.assertFalse(self.client.is_model_ready(name))
            with self.assertRaises(InferenceServerException) as caught:
                self.infer(self.images, name)
            self.assertEqual(caught.exception.status(), "StatusCode.UNAVAILABLE")
            self.assertIn(why, caught.exception.message())
        self.assertTrue(self.client.is_server_ready())
        self.assertEqual(self.server.metric("normbench_model_loads_total", model="cut", result="failed"), 1)

    def test_a_folder_whose_name_is_none_of_a_model_is_no_label(self):
        index = {m.name: m for m in self.client.get_model_repository_index().models}
        self.assertIn("is no model name", index["no name"].reason)
        self.assertNotIn("no name", self.server.get("/metrics")[2])
        self.assertEqual(self.server.metric("normbench_model_loads_total", model="(no model name)", result="failed"), 1)


if __name__ == "__main__":
    unittest.main()
