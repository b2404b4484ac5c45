# SPDX-License-Identifier: Apache-2.0
"""Dynamic batching through an unmodified client: requests that wait for the worker run as one batch, each gets what it
would have got alone, and priorities and timeouts are what the configuration says.
"""

import pathlib
import subprocess
import tempfile
import threading
import time
import unittest

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from support import MAKE_TEST_MODELS, ServerTest, metric

BATCHING = """
max_batch_size: 16
input { name: "image" data_type: TYPE_FP32 dims: [ 1, 28, 28 ] }
output { name: "logits" data_type: TYPE_FP32 dims: 10 }
backend: "builtin"
parameters { key: "network" value { string_value: "plain6" } }
parameters { key: "norm" value { string_value: "%s" } }
%s
dynamic_batching { preferred_batch_size: [ 4, 8 ] max_queue_delay_microseconds: %d %s }
"""
GROUP = 'parameters { key: "channels_per_group" value { string_value: "2" } } ' \
        'parameters { key: "norm_impl" value { string_value: "native" } }'
OF_BATCH = 'parameters { key: "stats" value { string_value: "batch" } }'
POLICY = """
priority_levels: 2 default_priority_level: 2
default_queue_policy { allow_timeout_override: true max_queue_size: 2 }
priority_queue_policy { key: 1 value { timeout_action: DELAY default_timeout_microseconds: 1000 } }
"""
MODELS = {  # name -> (whose weights, configuration)
    "group": ("plain6_gn", BATCHING % ("group", GROUP, 3000, "")),
    "batch": ("plain6_bn2_batchstats", BATCHING % ("batch", OF_BATCH, 3000, "")),
    "patient": ("plain6_gn", BATCHING % ("group", GROUP, 3_600_000_000, POLICY)),
}


class BatchingTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="normbench-models-")))
        subprocess.run([MAKE_TEST_MODELS, str(folder)], check=True, timeout=120)
        cls.images = np.fromfile(folder / "images.f32", np.float32).reshape(8, 1, 28, 28)
        for name, (weights, config) in MODELS.items():
            version = folder / "batching" / name / "1"
            version.mkdir(parents=True)
            (version / "weights.pt").write_bytes((folder / "models" / weights / "1" / "weights.pt").read_bytes())
            (version.parent / "config.pbtxt").write_text(config)
        cls.FLAGS = ("--models", str(folder / "batching"), "--workers", "1", "--audit-batching", "1")
        super().setUpClass()
        cls.client = triton.InferenceServerClient(cls.server.grpc_address)
        cls.addClassCleanup(cls.client.close)

    @staticmethod
    def tensor(images):
        tensor = triton.InferInput("image", list(images.shape), "FP32")
        tensor.set_data_from_numpy(np.ascontiguousarray(images))
        return tensor

    def infer(self, model, images, times=True, **more):
        parameters = {"normbench_times": True} if times else None
        return self.client.infer(model, [self.tensor(images)], parameters=parameters, **more)

    def at_once(self, model, rounds):
        """Image i from client i, `rounds` times each: [(image, formed batch, logits)]."""
        answers = []

        def ask(image):
            for _ in range(rounds):
                answer = self.infer(model, self.images[image:image + 1])
                formed = answer.get_response().parameters["normbench_formed_batch"].int64_param
                answers.append((image, formed, answer.as_numpy("logits")[0].tobytes()))

        threads = [threading.Thread(target=ask, args=(image,)) for image in range(len(self.images))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def alone(self, model):
        answers = [self.infer(model, self.images[i:i + 1]) for i in range(len(self.images))]
        for answer in answers:
            self.assertEqual(answer.get_response().parameters["normbench_formed_batch"].int64_param, 1)
        return [answer.as_numpy("logits")[0].tobytes() for answer in answers]

    def audited(self, model, result):
        return metric(self.server.http_address, "normbench_model_audited_answers_total", model=model, result=result)

    def test_group_norm_does_not_care_for_its_neighbours(self):
        alone = self.alone("group")
        answers = self.at_once("group", 10)
        self.assertEqual(len(answers), 80)
        self.assertGreater(max(formed for _, formed, _ in answers), 1)
        # The convolutions are LibTorch's, whose bits may depend on the batch; the values must not.
        for image, _, logits in answers:
            np.testing.assert_allclose(np.frombuffer(logits, np.float32), np.frombuffer(alone[image], np.float32),
                                       rtol=0, atol=1e-4)

    def test_statistics_of_the_batch_do_and_the_audit_says_so(self):
        alone = self.alone("batch")
        answers = self.at_once("batch", 10)
        together = [logits != alone[image] for image, formed, logits in answers if formed > 1]
        self.assertTrue(together)
        self.assertTrue(all(together), "each answer of a batch of several differs from that alone")
        deadline = time.monotonic() + 30
        while self.audited("batch", "different") == 0 and time.monotonic() < deadline:
            pass
        self.assertGreater(self.audited("batch", "different"), 0)
        self.assertEqual(self.audited("batch", "same"), 0)

    def test_statistics_tell_requests_from_executions(self):
        before = self.client.get_inference_statistics("group").model_stats[0]
        self.at_once("group", 5)
        after = self.client.get_inference_statistics("group").model_stats[0]
        self.assertEqual(after.inference_count - before.inference_count, 40)
        executions = after.execution_count - before.execution_count
        self.assertLess(executions, 40)
        self.assertEqual(sum(b.compute_infer.count for b in after.batch_stats), after.execution_count)
        stages = after.inference_stats
        self.assertEqual({stages.success.count, stages.queue.count, stages.compute_infer.count},
                         {after.inference_stats.success.count})
        self.assertEqual(metric(self.server.http_address, "nv_inference_exec_count", model="group"),
                         after.execution_count)

    def test_a_request_leaves_the_queue_at_its_timeout(self):
        with self.assertRaises(InferenceServerException) as raised:
            self.infer("patient", self.images[:1], timeout=20_000)
        self.assertEqual(raised.exception.status(), "StatusCode.UNAVAILABLE")
        self.assertIn("timeout of its queue policy", raised.exception.message())

    def test_a_client_that_goes_away_leaves_the_queue(self):
        with self.assertRaises(InferenceServerException) as raised:
            self.infer("patient", self.images[:1], client_timeout=0.05)
        self.assertEqual(raised.exception.status(), "StatusCode.DEADLINE_EXCEEDED")
        deadline = time.monotonic() + 30
        while self.pending() > 0 and time.monotonic() < deadline:
            pass
        self.assertEqual(self.pending(), 0)

    def pending(self):
        return metric(self.server.http_address, "nv_inference_pending_request_count", model="patient")

    def test_a_full_queue_refuses_and_a_preferred_size_starts(self):
        waiting = threading.Semaphore(0)
        answers = []

        def callback(result, error):
            answers.append(error or result)
            waiting.release()

        for count in (1, 2):
            self.client.async_infer("patient", [self.tensor(self.images[:1])], callback)
            while self.pending() < count:
                pass
        with self.assertRaises(InferenceServerException) as raised:
            self.infer("patient", self.images[:1])
        self.assertEqual(raised.exception.status(), "StatusCode.UNAVAILABLE")
        self.assertIn("exceeds the maximum queue size: 2", raised.exception.message())
        # Of the other priority, so there is a place for it; with it the batch has a preferred size, 4.
        self.infer("patient", self.images[:2], priority=1)
        for _ in range(2):
            self.assertTrue(waiting.acquire(timeout=30))
        for answer in answers:
            self.assertIsInstance(answer, triton.InferResult)

    def test_the_extension_is_named(self):
        self.assertIn("schedule_policy", self.client.get_server_metadata().extensions)

    def test_a_stream_is_joined_too_and_answers_in_order(self):
        answers = []
        with triton.InferenceServerClient(self.server.grpc_address) as client:
            client.start_stream(lambda result, error: answers.append(error or result.get_response().id))
            for i in range(8):
                client.async_stream_infer("group", [self.tensor(self.images[i:i + 1])], request_id=str(i))
            client.stop_stream()
        self.assertEqual(answers, [str(i) for i in range(8)])


if __name__ == "__main__":
    unittest.main()
