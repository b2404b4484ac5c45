# SPDX-License-Identifier: Apache-2.0
"""A model repository as its owner has it on another V2 server: it is served as it is, through an unmodified client, and
what has no effect is said. What would change answers is refused by name.
"""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import numpy as np
import tritonclient.grpc as triton

from support import MAKE_TEST_MODELS, ServerTest

GARDEN = """
# A classifier of the garden team.
name: "garden"
platform: "pytorch_libtorch"
max_batch_size: 8
default_model_filename: "traced.pt"
input [
  { name: "INPUT__0" data_type: TYPE_FP32 format: FORMAT_NCHW dims: [ 1, 28, 28 ] }
]
output [
  { name: "OUTPUT__0" data_type: TYPE_FP32 dims: [ 8 ] label_filename: "kinds.txt" },
  { name: "OUTPUT__1" data_type: TYPE_FP32 dims: [ ] }
]
version_policy: { specific: { versions: [ 1, 3 ] } }
instance_group [ { count: 1 kind: KIND_CPU } ]
dynamic_batching { preferred_batch_size: [ 4, 8 ] max_queue_delay_microseconds: 50 }
optimization { graph { level: 1 } execution_accelerators { gpu_execution_accelerator [ { name: "trt" } ] } }
parameters: { key: "INFERENCE_MODE" value: { string_value: "true" } }
model_warmup [
  {
    name: "a photo"
    batch_size: 8
    inputs { key: "INPUT__0" value: { data_type: TYPE_FP32 dims: [ 1, 28, 28 ] input_data_file: "photo" } }
  },
  {
    name: "noise"
    batch_size: 3
    inputs { key: "INPUT__0" value: { data_type: TYPE_FP32 dims: [ 1, 28, 28 ] random_data: true } }
    count: 5
  }
]
metric_tags { key: "team" value: "garden" }
optimisation { level: 2 }
"""

DIGITS = """
backend: "builtin"
parameters { key: "network" value { string_value: "plain6" } }
parameters { key: "norm" value { string_value: "group" } }
parameters { key: "channels_per_group" value { string_value: "2" } }
"""

WORDS = """
backend: "identity"
input { name: "x" data_type: TYPE_STRING dims: 2 }
output { name: "y" data_type: TYPE_STRING dims: 2 }
model_warmup { name: "none" inputs { key: "x" value { data_type: TYPE_STRING dims: 2 zero_data: true } } }
"""

REFUSED = {
    "cut_photo": (GARDEN.replace("garden", "cut_photo"), "model_warmup 'a photo' input 'INPUT__0'.input_data_file: 'photo': "
                                                         "3135 bytes; one sample has 3136"),
    "stages": ('platform: "ensemble" ensemble_scheduling { step [ { model_name: "garden" } ] }',
               "ensemble_scheduling: not offered"),
    "shapeless": ('platform: "pytorch_libtorch"', "input: missing; a TorchScript module does not tell its shapes"),
    "two_gpus": (WORDS + "instance_group { gpus: [ 0, 1 ] }", "one device a model"),
    "no_such_gpu": (WORDS + "instance_group { gpus: [ 63 ] }", "cuda:63 is not here; the server has: cpu"),
    "misspelt": (WORDS + "max_batch_size 3", "config.pbtxt:6:16: Expected"),
}


class PublishedConfigTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="normbench-models-")))
        subprocess.run([MAKE_TEST_MODELS, str(cls.folder)], check=True, timeout=120)
        cls.images = np.fromfile(cls.folder / "images.f32", np.float32).reshape(8, 1, 28, 28)
        for name, config in [("garden", GARDEN), ("digits", DIGITS), ("words", WORDS),
                             *((name, config) for name, (config, _) in REFUSED.items())]:
            cls.add_model(name, config)
        cls.FLAGS = ("--models", str(cls.folder / "published"))
        super().setUpClass()
        cls.client = triton.InferenceServerClient(cls.server.grpc_address)
        cls.addClassCleanup(cls.client.close)
        cls.index = {(m.name, m.version): m for m in cls.client.get_model_repository_index().models}

    @classmethod
    def add_model(cls, name, config):
        model = cls.folder / "published" / name
        (model / "warmup").mkdir(parents=True)
        photo = cls.images[0].tobytes()
        (model / "warmup" / "photo").write_bytes(photo[:-1] if name == "cut_photo" else photo)
        (model / "kinds.txt").write_text("rose\ntulip\n")
        (model / "config.pbtxt").write_text(config)
        for version in "123":
            (model / version).mkdir()
            shutil.copy(cls.folder / "torchscript" / "resnet_like" / "1" / "traced.pt", model / version)
            shutil.copy(cls.folder / "models" / "plain6_gn" / "1" / "weights.pt", model / version)

    def infer(self, model, name, images, **more):
        tensor = triton.InferInput(name, list(images.shape), "FP32")
        tensor.set_data_from_numpy(images)
        return self.client.infer(model, [tensor], **more)

    def test_it_serves_its_versions_and_says_what_has_no_effect(self):
        for version in "13":
            line = self.index["garden", version]
            self.assertEqual(line.state, "READY", line.reason)
            # What instance_group and dynamic_batching do is for their own tests.
            last = GARDEN.count("\n")
            self.assertRegex(line.reason, r"^no effect: .*metric_tags, optimization, unknown field 'optimisation' "
                                          rf"\(config\.pbtxt:{last}:14; nearest: optimization\)$")
            self.assertIn(f"model garden version {version}: {line.reason}\n", self.server.log())
        self.assertNotIn(("garden", "2"), self.index)
        features = np.fromfile(self.folder / "scripted.features.f32", np.float32).reshape(8, 8)
        answer = self.infer("garden", "INPUT__0", self.images, model_version="3")
        np.testing.assert_allclose(answer.as_numpy("OUTPUT__0"), features, rtol=0, atol=1e-6)
        top = self.infer("garden", "INPUT__0", self.images[:1],
                         outputs=[triton.InferRequestedOutput("OUTPUT__0", class_count=8)])
        labels = {text.decode().split(":", 1)[1] for text in top.as_numpy("OUTPUT__0").flat}
        self.assertLessEqual({"0:rose", "1:tulip", "2"}, labels)

    def test_a_client_reads_the_configuration_as_it_was_written(self):
        config = self.client.get_model_config("garden", as_json=True)["config"]
        self.assertEqual(config["optimization"]["graph"], {"level": 1})
        self.assertEqual(config["model_warmup"][1]["count"], 5)
        self.assertEqual(config["instance_group"], [{"count": 1, "kind": "KIND_CPU"}])

    def test_tensors_that_are_left_out_are_those_of_the_network(self):
        self.assertEqual((self.index["digits", "3"].state, self.index["digits", "3"].reason), ("READY", ""))
        config = self.client.get_model_config("digits").config
        self.assertEqual((config.max_batch_size, config.input[0].name, list(config.input[0].dims)),
                         (64, "image", [1, 28, 28]))
        metadata = self.client.get_model_metadata("digits")
        self.assertEqual((metadata.outputs[0].name, list(metadata.outputs[0].shape)), ("logits", [-1, 10]))
        logits = np.fromfile(self.folder / "plain6_gn.8.f32", np.float32).reshape(8, 10)
        np.testing.assert_allclose(self.infer("digits", "image", self.images).as_numpy("logits"), logits,
                                   rtol=0, atol=1e-4)

    def test_strings_are_warmed_up_too(self):
        self.assertEqual((self.index["words", "3"].state, self.index["words", "3"].reason), ("READY", ""))

    def test_what_cannot_be_served_as_written_is_refused_by_name(self):
        for name, (_, why) in REFUSED.items():
            lines = [line for (model, _), line in self.index.items() if model == name]
            self.assertTrue(lines)
            for line in lines:
                self.assertEqual(line.state, "UNAVAILABLE", name)
                self.assertIn(why, line.reason)
                self.assertNotIn(str(self.folder), line.reason)


if __name__ == "__main__":
    unittest.main()
