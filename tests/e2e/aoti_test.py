# SPDX-License-Identifier: Apache-2.0
"""AOTInductor packages through an unmodified V2 client: answers beside PyTorch's own and those of the same network as
TorchScript, and packages that are not for this server, which cost nobody but themselves.

The packages are made by tests/server/backends/aoti_packages.py.
"""

import json
import os
import pathlib
import shutil
import tempfile
import unittest
import zipfile

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from support import ServerTest

PACKAGES = pathlib.Path(os.environ["NORMBENCH_AOTI_PACKAGES"])

NET = """
{kind}
max_batch_size: 16
input {{ name: "{image}" data_type: TYPE_FP32 dims: {dims} }}
output {{ name: "{features}" data_type: TYPE_FP32 dims: 8 }}
output {{ name: "{mean}" data_type: TYPE_FP32 }}
"""
OURS = {"image": "image", "features": "features", "mean": "mean", "dims": [1, 28, 28]}
NO_ZIP = "no AOTInductor package: LibTorch: PytorchStreamReader failed reading zip archive"
PUBLISHED = {**OURS, "image": "INPUT__0", "features": "OUTPUT__0", "mean": "OUTPUT__1"}


def edited(change, package="net.pt2"):
    """The bytes of a package whose records are what `change`(name, bytes) returns; None leaves one out."""
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(PACKAGES / package) as old, zipfile.ZipFile(file, "w") as new:
            for name in old.namelist():
                data = change(name, old.read(name))
                if data is not None:
                    new.writestr(name, data)
        file.seek(0)
        return file.read()


def noted(**changes):
    """A package whose maker notes something else."""
    return edited(lambda name, data: json.dumps({**json.loads(data), **changes}).encode()
                  if name.endswith("wrapper_metadata.json") else data)


def broken():
    """{model: (contents of model.pt2, what is said of it)}"""
    good = (PACKAGES / "net.pt2").read_bytes()
    return {
        "cut": (good[:len(good) // 2], f"{NO_ZIP}: failed finding central directory; allowed: what torch._inductor."),
        "empty": (b"", f"{NO_ZIP}: not a ZIP archive; allowed: what torch._inductor."),
        "text": (b"not a package\n", f"{NO_ZIP}: not a ZIP archive; allowed: what torch._inductor."),
        "script": ((PACKAGES / "net.pt").read_bytes(), "no AOTInductor package; allowed: what torch._inductor."),
        "format": (edited(lambda name, data: b"9" if name.endswith("/archive_version") else data),
                   "the package is of archive_version 9; allowed, by this LibTorch: 0"),
        "source": (edited(lambda name, data: None if name.endswith(".so") else data),
                   "the package holds no compiled code"),
        "weights": ((PACKAGES / "without.pt2").read_bytes(),
                    "its code does not load: the package lacks its weights (tensors: 1); allowed: in"),
        "version": (noted(torch_version="2.14.0"), "the package is made for LibTorch 2.14.0; allowed here: 2."),
        "gpu": (noted(AOTI_DEVICE_KEY="cuda"), "the package is made for device cuda; allowed here: cpu"),
        "cpu": (noted(AOTI_CPU_ISA="AVX2 AVX4096"), "the package is made for a CPU with AVX4096; allowed here: "),
        # As a package may be whose maker noted no version: it wants what this LibTorch does not have.
        "symbol": (edited(lambda name, data: data.replace(b"aoti_torch_cpu_convolution\0",
                                                          b"aoti_torch_cpu_revolutions\0")),
                   "its code does not load: LibTorch: Error in dlopen: data/aotinductor/model/"),
    }


@unittest.skipUnless((PACKAGES / "made_for").exists(), f"no packages in {PACKAGES}: aoti_packages says why")
class AotiTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="normbench-models-")))
        cls.temporary = folder / "temporary"
        cls.temporary.mkdir()
        # Of the server, once it has ended.
        cls.addClassCleanup(lambda: cls().assertEqual(list(cls.temporary.iterdir()), []))
        cls.models = folder / "models"
        cls.add("packaged", (PACKAGES / "net.pt2").read_bytes())
        cls.add("outside", (PACKAGES / "outside.pt2").read_bytes())
        cls.add("published", (PACKAGES / "net.pt2").read_bytes(), file="net.pt2",
                kind='platform: "torch_aoti" backend: "pytorch" default_model_filename: "net.pt2"', **PUBLISHED)
        cls.add("scripted", (PACKAGES / "net.pt").read_bytes(), file="model.pt", kind='backend: "torchscript"')
        cls.broken = broken()
        for name, (contents, _) in cls.broken.items():
            cls.add(name, contents)
        cls.add("dims", (PACKAGES / "net.pt2").read_bytes(), dims=[1, 28, 29])
        cls.add("inputs", (PACKAGES / "add.pt2").read_bytes())
        cls.FLAGS, cls.ENVIRONMENT = ("--models", str(cls.models)), {"TMPDIR": str(cls.temporary)}
        super().setUpClass()
        cls.client = triton.InferenceServerClient(cls.server.grpc_address)
        cls.addClassCleanup(cls.client.close)
        cls.images = np.fromfile(PACKAGES / "images.f32", np.float32).reshape(8, 1, 28, 28)

    def runTest(self):
        """For the assertions of a cleanup."""

    @classmethod
    def add(cls, name, contents, file="model.pt2", kind='backend: "aoti"', **changes):
        (cls.models / name / "1").mkdir(parents=True)
        (cls.models / name / "config.pbtxt").write_text(NET.format(**{**OURS, "kind": kind, **changes}))
        (cls.models / name / "1" / file).write_bytes(contents)

    def infer(self, images, model="packaged", name="image"):
        tensor = triton.InferInput(name, list(images.shape), "FP32")
        tensor.set_data_from_numpy(images)
        return self.client.infer(model, [tensor])

    def check_answers(self, batch, model, names=OURS):
        answers = [self.infer(part, model, names["image"]) for part in np.split(self.images, 8 // batch)]
        for output in ("features", "mean"):
            expected = np.fromfile(PACKAGES / f"{output}.{batch}.f32", np.float32).reshape(8, -1).squeeze()
            got = np.concatenate([answer.as_numpy(names[output]) for answer in answers])
            # Inductor sums in another order: a few roundings, values are about 1.
            np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5, err_msg=f"{model} {output} {batch}")

    def test_package_and_script_of_a_network_answer_as_pytorch_does(self):
        for batch in (1, 8):
            self.check_answers(batch, "packaged")
            self.check_answers(batch, "outside")
            self.check_answers(batch, "scripted")

    def test_a_repository_for_another_server_loads_as_it_is(self):
        self.assertEqual(self.client.get_model_metadata("published").platform, "torch_aoti")
        self.check_answers(8, "published", PUBLISHED)

    def test_memory_of_requests_is_known(self):
        parameters = self.client.get_model_config("packaged").config.parameters
        self.assertRegex(parameters["memory_bytes"].string_value, r"^1=\d+,2=\d+,4=\d+,8=\d+,16=\d+$")

    def test_the_index_says_why_a_package_does_not_serve(self):
        index = {m.name: m for m in self.client.get_model_repository_index().models}
        for name in ("packaged", "outside", "published", "scripted"):
            self.assertEqual(index[name].state, "READY", index[name].reason)
        said = {name: f"{name}/1/model.pt2: {why}" for name, (_, why) in self.broken.items()}
        said["dims"] = "on zeros, batch 1: LibTorch: input image: unmatched dim value at 3, expected: 28, but got: 29"
        said["inputs"] = "on zeros, batch 1: LibTorch: expected inputs vector size to be 2, but got 1"
        for name, why in said.items():
            self.assertEqual(index[name].state, "UNAVAILABLE", name)
            self.assertTrue(index[name].reason.startswith(f"model {name}: {why}"), index[name].reason)
            self.assertNotIn(str(self.temporary), index[name].reason, "clients read it")
            with self.assertRaises(InferenceServerException) as caught:
                self.infer(self.images, name)
            self.assertEqual(caught.exception.status(), "StatusCode.UNAVAILABLE")
        self.assertIn("undefined symbol: aoti_torch_cpu_revolutions", index["symbol"].reason)
        self.assertTrue(self.client.is_server_ready())

    def test_code_is_unpacked_where_tmpdir_says_only_for_what_serves(self):
        self.assertEqual(len(list(self.temporary.iterdir())), 3)


@unittest.skipUnless((PACKAGES / "made_for").exists(), f"no packages in {PACKAGES}: aoti_packages says why")
class ReloadTest(ServerTest):
    """--model-control=explicit: a package is replaced while it serves, and goes."""

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="normbench-models-")))
        cls.temporary = folder / "temporary"
        cls.model = folder / "models" / "add"
        for made in (cls.temporary, cls.model / "1"):
            made.mkdir(parents=True)
        (cls.model / "config.pbtxt").write_text("""
            backend: "aoti" max_batch_size: 8
            input [ { name: "x" data_type: TYPE_FP32 dims: 3 }, { name: "y" data_type: TYPE_FP32 dims: 3 } ]
            output { name: "sum" data_type: TYPE_FP32 dims: 3 }""")
        cls.FLAGS = ("--models", str(folder / "models"), "--model-control", "explicit")
        cls.ENVIRONMENT = {"TMPDIR": str(cls.temporary)}
        super().setUpClass()
        cls.client = triton.InferenceServerClient(cls.server.grpc_address)
        cls.addClassCleanup(cls.client.close)

    def add(self):
        inputs = [triton.InferInput(name, [2, 3], "FP32") for name in ("x", "y")]
        for tensor in inputs:
            tensor.set_data_from_numpy(np.ones((2, 3), np.float32))
        return self.client.infer("add", inputs).as_numpy("sum").tolist()

    def test_load_replace_unload(self):
        file = self.model / "1" / "model.pt2"
        for _ in range(3):
            shutil.copy(PACKAGES / "add.pt2", file)
            self.client.load_model("add")
            self.assertEqual(self.add(), [[2.0] * 3] * 2)
            self.assertEqual(len(list(self.temporary.iterdir())), 1)
        file.write_bytes(b"text")
        with self.assertRaises(InferenceServerException):
            self.client.load_model("add")
        self.assertEqual(self.add(), [[2.0] * 3] * 2, "what served goes on")
        self.client.unload_model("add")
        self.assertEqual(list(self.temporary.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
