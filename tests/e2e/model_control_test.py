# SPDX-License-Identifier: Apache-2.0
"""Models that come and go while the server runs, through an unmodified V2 client."""

import shutil
import unittest

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from clients import Clients
from support import ModelServerTest, ServerProcess


class ModelControlTest(ModelServerTest):
    def setUp(self):
        self.explicit = self.enterContext(ServerProcess(
            "--models", str(self.folder / "models"), "--model-control", "explicit", "--load-model", "identity",
            environment={"MALLOC_ARENA_MAX": "1"}))  # which thread had the largest model is no leak
        self.client = triton.InferenceServerClient(self.explicit.grpc_address)
        self.addCleanup(self.client.close)

    def infer(self, client=None):
        images = np.ones((1, 1, 28, 28), np.float32)
        tensor = triton.InferInput("image", list(images.shape), "FP32")
        tensor.set_data_from_numpy(images)
        return (client or self.client).infer("plain6_gn", [tensor])

    def states(self):
        return {m.name: (m.state, m.reason) for m in self.client.get_model_repository_index().models}

    def test_load_and_unload(self):
        self.assertEqual(self.states()["identity"], ("READY", ""))
        self.assertEqual(self.states()["plain6_gn"], ("UNAVAILABLE", "not loaded"))
        self.assertIn("model_repository", self.client.get_server_metadata().extensions)
        with self.assertRaisesRegex(InferenceServerException, "'plain6_gn' is not loaded"):
            self.infer()
        self.client.load_model("plain6_gn")
        self.assertTrue(self.client.is_model_ready("plain6_gn"))
        self.assertEqual(self.infer().as_numpy("logits").shape, (1, 10))
        taken = self.explicit.metric("nv_model_load_duration_secs", model="plain6_gn", version="1")
        self.assertTrue(1e-4 < taken < 60, taken)
        self.client.unload_model("plain6_gn")
        self.assertFalse(self.client.is_model_ready("plain6_gn"))
        self.assertEqual(self.states()["plain6_gn"], ("UNAVAILABLE", "unloaded"))
        with self.assertRaisesRegex(InferenceServerException, "unknown 'plain7'"):
            self.client.load_model("plain7")
        with self.assertRaisesRegex(InferenceServerException, "from the repository's folder only"):
            self.client.load_model("plain6_gn", config="{}")

    def test_a_new_version_takes_the_place_of_the_old_under_load(self):
        """No request fails, and each answer is that of the version whose number it has."""
        model = self.folder / "models" / "plain6_gn"
        self.client.load_model("plain6_gn")
        shutil.copytree(model / "1", model / "2")
        self.addCleanup(shutil.rmtree, model / "2")
        seen = set()
        with Clients(4, self.explicit.grpc_address,
                     lambda client: seen.add(self.infer(client).get_response().model_version)) as clients:
            for _ in range(10):
                self.client.load_model("plain6_gn")
                self.infer()
        self.assertEqual(clients.failures, [])
        self.assertIn("2", seen)
        self.assertEqual(self.infer().get_response().model_version, "2")

    def test_strictly_ready_is_a_server_without_a_failed_model(self):
        broken = self.folder / "models" / "broken"
        broken.mkdir()
        self.addCleanup(shutil.rmtree, broken)

        def state(server, client):
            return (client.is_server_ready(), server.get("/v2/health/ready")[0],
                    *(server.check(name) for name in ("", "inference.GRPCInferenceService", "normbench.v1.Normalization")))

        ready = (True, 200, "SERVING", "SERVING", "SERVING")
        with ServerProcess("--models", str(self.folder / "models"), "--model-control", "explicit",
                           "--load-model", "identity", "--strict-readiness") as strict, \
                triton.InferenceServerClient(strict.grpc_address) as client:
            self.assertEqual(state(strict, client), ready)
            for asked in (client, self.client):
                with self.assertRaisesRegex(InferenceServerException, "'broken' failed to load"):
                    asked.load_model("broken")
            self.assertEqual(state(strict, client), (False, 503, "NOT_SERVING", "NOT_SERVING", "SERVING"))
            self.assertEqual(state(self.explicit, self.client), ready)
            self.assertTrue(client.is_model_ready("identity"))
            client.unload_model("broken")
            self.assertEqual(state(strict, client), ready)

    def test_200_loads_take_no_more_memory(self):
        def rounds(count):
            for _ in range(count):
                self.client.load_model("plain6_gn")
                self.infer()
                self.client.unload_model("plain6_gn")
            return self.explicit.resident_bytes()

        before = rounds(20)
        self.assertLess(rounds(200), 1.05 * before)


if __name__ == "__main__":
    unittest.main()
