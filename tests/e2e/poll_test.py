# SPDX-License-Identifier: Apache-2.0
"""--model-control=poll: models follow their folders, and no request notices."""

import pathlib
import shutil
import signal
import tempfile
import time
import unittest

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from clients import Clients
from support import ServerProcess, make_test_models, wait_for

CONFIG = """
backend: "torchscript"
max_batch_size: {largest}
input {{ name: "x" data_type: TYPE_FP32 dims: 1 }}
output {{ name: "y" data_type: TYPE_FP32 dims: 1 }}
"""


class PollTest(unittest.TestCase):
    """Version V of the model "adder" adds the last digit of V."""

    @classmethod
    def setUpClass(cls):
        cls.modules = make_test_models(cls) / "adders"

    def setUp(self):
        self.models = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="normbench-poll-")))
        (self.models / "adder").mkdir()
        self.configure("adder")
        self.publish(1)
        self.server = self.enterContext(ServerProcess(
            "--models", str(self.models), "--model-control", "poll", "--poll-seconds", "0.1"))
        self.client = self.enterContext(triton.InferenceServerClient(self.server.grpc_address))
        self.seen = set()

    def configure(self, name, largest=4):
        (self.models / name / "config.pbtxt").write_text(CONFIG.format(largest=largest))

    def module(self, version):
        return self.modules / f"{version % 10}.pt"

    def publish(self, version):
        """The version's folder is there at once, with its file."""
        made = self.models / ".made"
        made.mkdir()
        shutil.copy(self.module(version), made / "model.pt")
        made.rename(self.models / "adder" / str(version))

    def wait_for_version(self, version, name="adder"):
        wait_for(lambda: self.client.is_model_ready(name, str(version)), f"version {version} of {name}")

    def ask(self, client):
        tensor = triton.InferInput("x", [1, 1], "FP32")
        tensor.set_data_from_numpy(np.full((1, 1), 0.5, np.float32))
        answer = client.infer("adder", [tensor])
        version = int(answer.get_response().model_version)
        self.assertEqual(answer.as_numpy("y")[0, 0], 0.5 + version % 10, f"version {version}")
        self.seen.add(version)

    def reason(self, name):
        """Of the model's line in the index; None where it has none."""
        index = {model.name: model.reason for model in self.client.get_model_repository_index().models}
        return index.get(name)

    def loads(self, result, model="adder"):
        return self.server.metric("normbench_model_loads_total", model=model, result=result)

    def test_100_swaps_under_load(self):
        with Clients(16, self.server.grpc_address, self.ask) as clients:
            for version in range(2, 102):
                self.publish(version)
                self.wait_for_version(version)
        self.assertEqual(clients.failures, [])
        self.assertGreater(len(self.seen), 50)
        self.assertEqual((self.loads("ok"), self.loads("failed")), (101, 0))
        self.assertEqual(self.server.stop(signal.SIGTERM), 0)

    def test_a_copy_that_stops_halfway_fails_and_is_taken_when_it_is_whole(self):
        whole = self.module(2).read_bytes()
        with Clients(4, self.server.grpc_address, self.ask) as clients:
            (self.models / "adder" / "2").mkdir()
            with open(self.models / "adder" / "2" / "model.pt", "wb", buffering=0) as file:
                file.write(whole[:len(whole) // 2])
                wait_for(lambda: "no TorchScript module" in self.reason("adder"), "the failed load")
                self.assertIn("not replaced: version 2", self.reason("adder"))
                self.assertTrue(self.client.is_model_ready("adder", "1"))
                file.write(whole[len(whole) // 2:])
            self.wait_for_version(2)
            self.ask(self.client)
        self.assertEqual(clients.failures, [])
        self.assertEqual(self.seen, {1, 2})
        self.assertEqual(self.reason("adder"), "")

    def test_folders_come_fail_and_go(self):
        late, made = self.models / "late", self.models / ".late"
        (made / "1").mkdir(parents=True)
        self.configure(".late")
        (made / "1" / "model.pt").write_text("no module")
        made.rename(late)
        wait_for(lambda: "no TorchScript module" in (self.reason("late") or ""), "the failed load")
        self.assertFalse(self.client.is_model_ready("late"))
        time.sleep(0.5)  # some looks at the same files
        self.assertEqual(self.loads("failed", "late"), 1)
        shutil.copy(self.module(1), late / "1" / "model.pt")
        self.wait_for_version(1, "late")
        self.assertEqual(self.server.metric("nv_inference_count", model="late", version="1"), 0)
        self.assertIn('nv_inference_count{model="late",version="1"}', self.server.get("/metrics")[2])
        shutil.rmtree(late)
        wait_for(lambda: not self.client.is_model_ready("late"), "the unload")
        self.assertEqual(self.reason("late"), "unloaded")
        self.assertIn("model late unloaded, its folder is gone", self.server.log())
        self.ask(self.client)

    def test_a_changed_configuration_is_taken(self):
        self.configure("adder", largest=16)
        wait_for(lambda: self.client.get_model_config("adder").config.max_batch_size == 16, "the configuration")
        self.ask(self.client)

    def test_clients_do_not_choose(self):
        for choose in (self.client.load_model, self.client.unload_model):
            with self.assertRaisesRegex(InferenceServerException, "start the server with --model-control=explicit"):
                choose("adder")
        self.assertNotIn("model_repository", self.client.get_server_metadata().extensions)


if __name__ == "__main__":
    unittest.main()
