# SPDX-License-Identifier: Apache-2.0
"""An unmodified V2 client, tritonclient.grpc, against a real server process.

Expected logits were computed by make_test_models with LibTorch's stock modules on the same weights.
"""

import os
import queue
import unittest

import grpc
import numpy as np
import tritonclient.grpc as triton
import tritonclient.utils.shared_memory as shm
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

from support import ModelServerTest

NETWORKS = ["plain6_bn2", "plain6_bn2_batchstats", "plain6_bn32", "plain6_gn"]
CLASSES = 10


def image_input(images):
    tensor = triton.InferInput("image", list(images.shape), "FP32")
    tensor.set_data_from_numpy(images)
    return tensor


class ConformanceTest(ModelServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.images = np.fromfile(cls.folder / "images.f32", np.float32).reshape(8, 1, 28, 28)
        cls.client = triton.InferenceServerClient(cls.server.grpc_address)
        cls.addClassCleanup(cls.client.close)
        cls.stub = service_pb2_grpc.GRPCInferenceServiceStub(cls.server.channel)

    def infer(self, model, images, **more):
        return self.client.infer(model, [image_input(images)], **more)

    def fails(self, code, call, *args, **kwargs):
        """Calls, expects an error with `code`, and returns its text."""
        with self.assertRaises(InferenceServerException) as caught:
            call(*args, **kwargs)
        self.assertEqual(caught.exception.status(), f"StatusCode.{code}")
        self.assertTrue(caught.exception.message())
        return caught.exception.message()

    def raw_request(self, images, model="plain6_gn"):
        return service_pb2.ModelInferRequest(
            model_name=model,
            inputs=[service_pb2.ModelInferRequest.InferInputTensor(
                name="image", datatype="FP32", shape=images.shape)],
            raw_input_contents=[images.tobytes()])

    def test_server_is_live_and_ready(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        for name in NETWORKS + ["identity"]:
            self.assertTrue(self.client.is_model_ready(name), name)
            self.assertTrue(self.client.is_model_ready(name, "1"), name)
        self.assertFalse(self.client.is_model_ready("plain6_gm"))
        self.assertFalse(self.client.is_model_ready("plain6_gn", "2"))

    def test_each_model_has_its_probe(self):
        for path, status in (("plain6_gn/ready", 200), ("plain6_gn/versions/1/ready", 200),
                             ("plain6_gn/versions/2/ready", 503), ("plain6_gm/ready", 503), ("plain6_gn", 404)):
            self.assertEqual(self.server.get(f"/v2/models/{path}")[0], status, path)

    def test_dashboards_find_the_counters_that_they_know(self):
        def read(name, **labels):
            return self.server.metric(f"nv_inference_{name}", model="plain6_bn2", version="1", **labels)

        before = {name: read(name) for name in ("request_success", "count", "exec_count", "compute_infer_duration_us")}
        other = read("request_failure", reason="OTHER")
        for _ in range(3):
            self.infer("plain6_bn2", self.images)
        self.fails("INVALID_ARGUMENT", self.infer, "plain6_bn2", np.zeros((65, 1, 28, 28), np.float32))
        self.assertEqual(read("request_success") - before["request_success"], 3)
        self.assertEqual(read("count") - before["count"], 24)
        self.assertEqual(read("exec_count") - before["exec_count"], 3)
        self.assertGreater(read("compute_infer_duration_us") - before["compute_infer_duration_us"], 10)
        self.assertEqual(read("request_failure", reason="OTHER") - other, 1)

    def test_server_metadata_names_only_what_works(self):
        metadata = self.client.get_server_metadata()
        self.assertEqual(metadata.name, "normbench")
        self.assertRegex(metadata.version, r"^\d+\.\d+\.\d+")
        self.assertEqual(list(metadata.extensions),
                         ["binary_tensor_data", "classification", "model_configuration", "parameters",
                          "schedule_policy", "statistics", "system_shared_memory"])

    def test_model_metadata(self):
        metadata = self.client.get_model_metadata("plain6_gn")
        self.assertEqual(metadata.name, "plain6_gn")
        self.assertEqual(list(metadata.versions), ["1"])
        self.assertEqual(metadata.platform, "normbench_builtin")
        self.assertEqual([(t.name, t.datatype, list(t.shape)) for t in metadata.inputs],
                         [("image", "FP32", [-1, 1, 28, 28])])
        self.assertEqual([(t.name, t.datatype, list(t.shape)) for t in metadata.outputs],
                         [("logits", "FP32", [-1, CLASSES])])

    def test_model_config(self):
        config = self.client.get_model_config("plain6_bn2_batchstats", as_json=True)["config"]
        self.assertEqual(config["name"], "plain6_bn2_batchstats")
        self.assertEqual(config["backend"], "builtin")
        self.assertEqual(config["max_batch_size"], 64)
        self.assertEqual(config["input"][0]["dims"], ["1", "28", "28"])
        self.assertEqual(config["parameters"]["stats"]["string_value"], "batch")
        self.assertEqual(config["version_policy"]["latest"]["num_versions"], 1)

    def test_repository_index(self):
        index = self.client.get_model_repository_index()
        self.assertEqual([(m.name, m.version, m.state) for m in index.models],
                         [(name, "1", "READY") for name in ["identity"] + NETWORKS])

    def test_logits_are_libtorchs_at_batch_1_and_8(self):
        for name in NETWORKS:
            for batch in (1, 8):
                expected = np.fromfile(self.folder / f"{name}.{batch}.f32", np.float32)
                answers = [self.infer(name, part).as_numpy("logits")
                           for part in np.split(self.images, 8 // batch)]
                self.assertEqual(answers[0].shape, (batch, CLASSES))
                # Values are of the order of 1 and come out bit-equal; a few roundings are allowed, since
                # the stock modules take the mean over (H, W) by another route.
                np.testing.assert_allclose(np.concatenate(answers), expected.reshape(8, CLASSES),
                                           rtol=0, atol=1e-6, err_msg=f"{name} batch {batch}")

    def test_batch_statistics_depend_on_the_batch_and_nothing_else_does(self):
        for name in NETWORKS:
            together = self.infer(name, self.images).as_numpy("logits")
            alone = np.concatenate([self.infer(name, image).as_numpy("logits")
                                    for image in np.split(self.images, len(self.images))])
            self.assertEqual(np.allclose(alone, together, rtol=1e-4, atol=1e-4),
                             name != "plain6_bn2_batchstats", name)

    def test_every_batch_up_to_the_maximum(self):
        whole = self.infer("plain6_gn", self.images).as_numpy("logits")
        for batch in (2, 3, 7, 64):
            images = np.resize(self.images, (batch, 1, 28, 28))
            logits = self.infer("plain6_gn", images).as_numpy("logits")
            np.testing.assert_allclose(logits, np.resize(whole, (batch, CLASSES)), rtol=1e-4, atol=1e-5)

    def test_batch_above_the_maximum(self):
        text = self.fails("INVALID_ARGUMENT", self.infer, "plain6_gn", np.zeros((65, 1, 28, 28), np.float32))
        self.assertIn("batch of 65; allowed: 1 to 64", text)

    def test_wrong_shape_datatype_and_tensor(self):
        text = self.fails("INVALID_ARGUMENT", self.infer, "plain6_gn", np.zeros((1, 1, 28, 27), np.float32))
        self.assertIn("shape[3]: 27; allowed: 28", text)
        text = self.fails("INVALID_ARGUMENT", self.infer, "plain6_gn", np.zeros((1, 784), np.float32))
        self.assertIn("2 dimensions; allowed: 4", text)
        tensor = triton.InferInput("image", [1, 1, 28, 28], "FP64")
        tensor.set_data_from_numpy(np.zeros((1, 1, 28, 28)))
        text = self.fails("INVALID_ARGUMENT", self.client.infer, "plain6_gn", [tensor])
        self.assertIn("'FP64'; allowed: FP32", text)
        tensor = triton.InferInput("imagf", [1, 1, 28, 28], "FP32")
        tensor.set_data_from_numpy(self.images[:1])
        text = self.fails("INVALID_ARGUMENT", self.client.infer, "plain6_gn", [tensor])
        self.assertIn("nearest: image", text)

    def test_unknown_model_version_and_output(self):
        text = self.fails("NOT_FOUND", self.infer, "plain6_gm", self.images)
        self.assertIn("'plain6_gm'; nearest: plain6_gn", text)
        text = self.fails("NOT_FOUND", self.infer, "plain6_gn", self.images, model_version="9")
        self.assertIn("there are: 1", text)
        self.fails("NOT_FOUND", self.client.get_model_metadata, "plain6_gm")
        self.fails("NOT_FOUND", self.client.get_model_config, "plain6_gm")
        text = self.fails("INVALID_ARGUMENT", self.infer, "plain6_gn", self.images,
                          outputs=[triton.InferRequestedOutput("logit")])
        self.assertIn("nearest: logits", text)

    def test_classification(self):
        logits = self.infer("plain6_gn", self.images).as_numpy("logits")
        answer = self.infer("plain6_gn", self.images,
                            outputs=[triton.InferRequestedOutput("logits", class_count=3)])
        self.assertEqual(answer.get_output("logits").datatype, "BYTES")
        texts = answer.as_numpy("logits")
        self.assertEqual(texts.shape, (8, 3))
        for row, text in zip(logits, texts):
            values, classes = zip(*(t.decode().split(":") for t in text))
            self.assertEqual([int(c) for c in classes], list(np.argsort(-row, kind="stable")[:3]))
            self.assertEqual([np.float32(v) for v in values], list(np.sort(row)[:-4:-1]))
        text = self.fails("INVALID_ARGUMENT", self.infer, "plain6_gn", self.images,
                          outputs=[triton.InferRequestedOutput("logits", class_count=65537)])
        self.assertIn("'classification': 65537; allowed: int64_param from 1 to 65536", text)

    def test_id_is_echoed_and_parameters_are_accepted(self):
        answer = self.infer("plain6_gn", self.images, request_id="call 17", priority=1, timeout=10**6,
                            parameters={"anything": "goes"},
                            outputs=[triton.InferRequestedOutput("logits")]).get_response()
        self.assertEqual(answer.id, "call 17")
        self.assertEqual(answer.model_name, "plain6_gn")
        self.assertEqual(answer.model_version, "1")

    def test_typed_input_gives_the_same_bits_raw(self):
        raw = self.stub.ModelInfer(self.raw_request(self.images))
        request = self.raw_request(self.images)
        del request.raw_input_contents[:]
        request.inputs[0].contents.fp32_contents.extend(self.images.ravel())
        typed = self.stub.ModelInfer(request)
        self.assertEqual(len(typed.raw_output_contents[0]), 8 * CLASSES * 4)
        self.assertEqual(typed.raw_output_contents, raw.raw_output_contents)

    def test_raw_and_typed_together_are_refused(self):
        request = self.raw_request(self.images)
        request.inputs[0].contents.fp32_contents.extend(self.images.ravel())
        with self.assertRaises(grpc.RpcError) as caught:
            self.stub.ModelInfer(request)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertIn("beside raw_input_contents", caught.exception.details())

    def test_identity_returns_any_bits(self):
        values = np.frombuffer(np.random.default_rng(3).bytes(4 * 64 * 1000), np.float32).reshape(64, 1000)
        tensor = triton.InferInput("x", [64, 1000], "FP32")
        tensor.set_data_from_numpy(values)
        answer = self.client.infer("identity", [tensor]).as_numpy("y")
        self.assertEqual(answer.tobytes(), values.tobytes())

    def test_async_infer(self):
        done = queue.Queue()
        expected = self.infer("plain6_gn", self.images[:1]).as_numpy("logits")
        for i in range(32):
            self.client.async_infer("plain6_gn", [image_input(self.images[:1])], request_id=str(i),
                                    callback=lambda result, error: done.put((result, error)))
        ids = set()
        for _ in range(32):
            result, error = done.get(timeout=60)
            self.assertIsNone(error)
            np.testing.assert_allclose(result.as_numpy("logits"), expected, rtol=1e-5, atol=1e-5)
            ids.add(result.get_response().id)
        self.assertEqual(ids, {str(i) for i in range(32)})

    def test_the_other_methods_answer_with_a_sentence(self):
        client = self.client
        for call, *args in [
                (client.load_model, "plain6_gn"), (client.unload_model, "plain6_gn"),
                (client.get_cuda_shared_memory_status,),
                (client.register_cuda_shared_memory, "region", b"", 0, 64),
                (client.unregister_cuda_shared_memory,)]:
            self.assertRegex(self.fails("UNIMPLEMENTED", call, *args), r"\w+: \w+ \w+", call.__name__)

    def test_settings_can_be_read(self):
        client = self.client
        for settings in (client.get_trace_settings(as_json=True), client.get_trace_settings("plain6_gn", as_json=True),
                         client.update_trace_settings(as_json=True)):
            self.assertEqual(settings["settings"]["trace_level"], {"value": ["OFF"]})
        for settings in (client.get_log_settings(as_json=True), client.update_log_settings({"log_info": True}, as_json=True)):
            self.assertEqual(settings["settings"]["log_error"], {"bool_param": True})
        self.assertIn("allowed: 'OFF'", self.fails("UNIMPLEMENTED", client.update_trace_settings, None,
                                                   {"trace_level": ["TIMESTAMPS"]}))
        self.assertIn("log_file: '/tmp/x'", self.fails("UNIMPLEMENTED", client.update_log_settings,
                                                       {"log_file": "/tmp/x"}))

    def test_tensors_in_system_shared_memory(self):
        client, images = self.client, self.images
        expected = self.infer("plain6_gn", images).as_numpy("logits")
        regions = {"in": images.nbytes, "out": expected.nbytes}
        handles = {}
        for name, size in regions.items():
            key = f"/normbench-e2e-{os.getpid()}-{name}"
            handles[name] = shm.create_shared_memory_region(name, key, size)
            self.addCleanup(shm.destroy_shared_memory_region, handles[name])
            client.register_system_shared_memory(name, key, size)
        self.addCleanup(client.unregister_system_shared_memory)
        status = client.get_system_shared_memory_status(as_json=True)["regions"]
        self.assertEqual({name: int(region["byte_size"]) for name, region in status.items()}, regions)
        self.fails("ALREADY_EXISTS", client.register_system_shared_memory, "in", "/another", 4)
        shm.set_shared_memory_region(handles["in"], [images])
        image = triton.InferInput("image", list(images.shape), "FP32")
        image.set_shared_memory("in", images.nbytes)
        logits = triton.InferRequestedOutput("logits")
        logits.set_shared_memory("out", expected.nbytes)
        answer = client.infer("plain6_gn", [image], outputs=[logits])
        self.assertEqual(list(answer.get_output("logits").shape), list(expected.shape))
        got = shm.get_contents_as_numpy(handles["out"], np.float32, expected.shape)
        self.assertEqual(got.tobytes(), expected.tobytes())
        image.set_shared_memory("in", images.nbytes, offset=4)
        self.assertIn("'in', which has", self.fails("INVALID_ARGUMENT", client.infer, "plain6_gn", [image]))
        client.unregister_system_shared_memory("in")
        image.set_shared_memory("in", images.nbytes)
        self.assertIn("'in' is registered", self.fails("INVALID_ARGUMENT", client.infer, "plain6_gn", [image]))

    def test_a_stream_answers_in_order_and_outlives_a_failure(self):
        done = queue.Queue()
        expected = self.infer("plain6_gn", self.images[:1]).as_numpy("logits")
        client = triton.InferenceServerClient(self.server.grpc_address)
        self.addCleanup(client.close)
        client.start_stream(callback=lambda result, error: done.put((result, error)))
        for i in range(64):
            model = "plain6_gm" if i == 20 else "plain6_gn"
            client.async_stream_infer(model, [image_input(self.images[:1])], request_id=str(i),
                                      enable_empty_final_response=i % 2 == 0)
        for i in range(64):
            result, error = done.get(timeout=60)
            if i == 20:
                self.assertIn("unknown 'plain6_gm'; nearest: plain6_gn", str(error))
                continue
            self.assertIsNone(error)
            response = result.get_response()
            self.assertEqual(response.id, str(i))
            self.assertTrue(response.parameters["triton_final_response"].bool_param)
            self.assertEqual(result.as_numpy("logits").tobytes(), expected.tobytes())
        client.stop_stream()

    def test_garbage_in_a_stream_is_an_error_of_that_request(self):
        stream = self.server.channel.stream_stream("/inference.GRPCInferenceService/ModelStreamInfer")
        answers = [service_pb2.ModelStreamInferResponse.FromString(answer) for answer in
                   stream(iter([b"\xff\xff", self.raw_request(self.images[:1]).SerializeToString()]), timeout=60)]
        self.assertRegex(answers[0].error_message, r"malformed|request")
        self.assertEqual(answers[1].error_message, "")
        self.assertEqual(len(answers[1].infer_response.raw_output_contents), 1)

    def test_every_request_is_counted_once_with_its_code(self):
        def count(code):
            return self.server.metric("normbench_model_requests_total", model="plain6_bn32", code=code)

        before = count("OK"), count("INVALID_ARGUMENT")
        for _ in range(3):
            self.infer("plain6_bn32", self.images)
        self.fails("INVALID_ARGUMENT", self.infer, "plain6_bn32", np.zeros((65, 1, 28, 28), np.float32))
        self.assertEqual((count("OK"), count("INVALID_ARGUMENT")), (before[0] + 3, before[1] + 1))


if __name__ == "__main__":
    unittest.main()
