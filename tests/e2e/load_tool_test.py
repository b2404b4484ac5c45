# SPDX-License-Identifier: Apache-2.0
"""What V2 load generators do, call for call: the order of their calls, which fields they read and on which
answers they give up. The generators themselves do not run on this system.
"""

import concurrent.futures
import os
import queue
import unittest

import grpc
import numpy as np
import tritonclient.grpc as triton
import tritonclient.utils.shared_memory as shm
from tritonclient.grpc import service_pb2, service_pb2_grpc

from support import ModelServerTest

STAGES = ("success", "queue", "compute_input", "compute_infer", "compute_output")


class LoadToolTest(ModelServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stub = service_pb2_grpc.GRPCInferenceServiceStub(cls.server.channel)

    def statistics(self, name="", version=""):
        answer = self.stub.ModelStatistics(service_pb2.ModelStatisticsRequest(name=name, version=version))
        for model in answer.model_stats:
            int(model.version)  # read as a decimal integer, or the generator aborts
            stages = model.inference_stats
            counts = {getattr(stages, stage).count for stage in STAGES}
            self.assertEqual(len(counts), 1, f"{model.name}: counts of the stages must be the same\n{stages}")
            self.assertEqual(model.execution_count, counts.pop())
            self.assertTrue(stages.HasField("cache_hit") and stages.HasField("cache_miss"))
        return {(model.name, model.version): model for model in answer.model_stats}

    def describe(self, name):
        """Steps 1, 2 and 5 of a run; returns what a request is made from."""
        metadata = self.stub.ModelMetadata(service_pb2.ModelMetadataRequest(name=name))
        response = self.stub.ModelConfig(service_pb2.ModelConfigRequest(name=name))
        self.assertTrue(response.HasField("config"), "an unset config ends a generator")
        config = response.config
        self.assertFalse(config.model_transaction_policy.decoupled)
        self.assertFalse(config.response_cache.enable)
        self.assertNotEqual(config.platform, "ensemble")
        self.assertGreater(config.max_batch_size, 0)
        for tensors, known in ((config.input, metadata.inputs), (config.output, metadata.outputs)):
            self.assertLessEqual({t.name for t in tensors}, {t.name for t in known})
            for tensor in known:
                self.assertEqual(tensor.shape[0], -1, "the batch dimension, which is dropped")
        self.assertNotIn(-1, metadata.inputs[0].shape[1:], "any other -1 would need --shape")
        extensions = self.stub.ServerMetadata(service_pb2.ServerMetadataRequest()).extensions
        self.assertIn("statistics", extensions)
        return metadata

    @staticmethod
    def request(metadata, number, batch):
        """As the C++ client makes them: outputs listed, one parameter always there."""
        of = metadata.inputs[0]
        shape = [batch, *of.shape[1:]]
        request = service_pb2.ModelInferRequest(
            model_name=metadata.name, id=str(number),
            inputs=[service_pb2.ModelInferRequest.InferInputTensor(name=of.name, datatype=of.datatype, shape=shape)],
            outputs=[service_pb2.ModelInferRequest.InferRequestedOutputTensor(name=o.name) for o in metadata.outputs],
            raw_input_contents=[np.zeros(shape, np.float32).tobytes()])
        request.parameters["triton_enable_empty_final_response"].bool_param = False
        return request

    def check_answer(self, metadata, request, answer):
        self.assertEqual(answer.id, request.id, "an answer without its id is dropped")
        self.assertEqual(len(answer.raw_output_contents), len(answer.outputs))
        self.assertEqual([(o.name, o.datatype, list(o.shape[1:])) for o in answer.outputs],
                         [(o.name, o.datatype, list(o.shape[1:])) for o in metadata.outputs])

    def window(self, metadata, concurrency, requests, batch=1):
        """One measurement: statistics, load, statistics; returns the differences."""
        before = self.statistics(metadata.name)
        with concurrent.futures.ThreadPoolExecutor(concurrency) as pool:
            made = [self.request(metadata, i, batch) for i in range(requests)]
            for request, answer in zip(made, pool.map(self.stub.ModelInfer, made)):
                self.check_answer(metadata, request, answer)
        after = self.statistics(metadata.name)
        key = next(key for key in after if after[key].inference_stats.queue.count
                   > before[key].inference_stats.queue.count)  # how the version is picked
        return before[key], after[key]

    def test_a_whole_run(self):
        for name, batch in (("plain6_gn", 1), ("plain6_bn32", 8)):
            metadata = self.describe(name)
            for concurrency in (1, 2, 4):
                before, after = self.window(metadata, concurrency, requests=40, batch=batch)
                self.assertEqual(after.inference_count - before.inference_count, 40 * batch)
                self.assertEqual(after.execution_count - before.execution_count, 40)
                spent = {stage: getattr(after.inference_stats, stage).ns - getattr(before.inference_stats, stage).ns
                         for stage in STAGES}
                self.assertTrue(all(ns > 0 for ns in spent.values()), spent)
                self.assertGreaterEqual(spent["success"], sum(spent.values()) - spent["success"])

    def test_asynchronous_requests_come_back_by_their_ids(self):
        metadata = self.describe("plain6_gn")
        answers = queue.Queue()
        client = triton.InferenceServerClient(self.server.grpc_address)
        self.addCleanup(client.close)
        for i in range(200):
            tensor = triton.InferInput(metadata.inputs[0].name, [1, 1, 28, 28], "FP32")
            tensor.set_data_from_numpy(np.zeros((1, 1, 28, 28), np.float32))
            client.async_infer("plain6_gn", [tensor], request_id=f"{i}",
                               callback=lambda result, error: answers.put((result, error)))
        ids = set()
        for _ in range(200):
            result, error = answers.get(timeout=60)
            self.assertIsNone(error, "one refusal ends a run: the queue must hold a generator's concurrency")
            ids.add(result.get_response().id)
        self.assertEqual(len(ids), 200)

    def test_a_run_over_streams(self):
        """--streaming: each context has a stream with one request under way; answers are told apart by their ids."""
        metadata = self.describe("plain6_gn")
        before = self.statistics("plain6_gn")["plain6_gn", "1"]
        made = [self.request(metadata, i, 1) for i in range(40)]
        for part in made[:20], made[20:]:
            for request, answer in zip(part, self.stub.ModelStreamInfer(iter(part), timeout=60), strict=True):
                self.assertEqual(answer.error_message, "")
                self.check_answer(metadata, request, answer.infer_response)
                self.assertTrue(answer.infer_response.parameters["triton_final_response"].bool_param)
        after = self.statistics("plain6_gn")["plain6_gn", "1"]
        self.assertEqual(after.inference_stats.queue.count - before.inference_stats.queue.count, 40)

    def test_a_run_with_system_shared_memory(self):
        """Steps 3 and 4: all is unregistered, then a region for each output and for each input of each stream."""
        metadata = self.describe("plain6_gn")
        self.stub.SystemSharedMemoryUnregister(service_pb2.SystemSharedMemoryUnregisterRequest(name=""))
        with self.assertRaises(grpc.RpcError):  # ignored by the generator
            self.stub.CudaSharedMemoryUnregister(service_pb2.CudaSharedMemoryUnregisterRequest(name=""))
        images = np.fromfile(self.folder / "images.f32", np.float32)[:784]
        request = self.request(metadata, 7, 1)
        expected = service_pb2.ModelInferRequest()
        expected.CopyFrom(request)
        expected.raw_input_contents[0] = images.tobytes()
        expected = self.stub.ModelInfer(expected).raw_output_contents[0]
        del request.raw_input_contents[:]
        handles = {}
        for tensor, name, size in ((request.inputs[0], f"{metadata.inputs[0].name}_0_0", images.nbytes),
                                   (request.outputs[0], metadata.outputs[0].name, len(expected))):
            key = f"/{name}-{os.getpid()}"
            handles[name] = shm.create_shared_memory_region(name, key, size)
            self.addCleanup(shm.destroy_shared_memory_region, handles[name])
            self.stub.SystemSharedMemoryRegister(
                service_pb2.SystemSharedMemoryRegisterRequest(name=name, key=key, offset=0, byte_size=size))
            tensor.parameters["shared_memory_region"].string_param = name
            tensor.parameters["shared_memory_byte_size"].int64_param = size
        shm.set_shared_memory_region(handles[f"{metadata.inputs[0].name}_0_0"], [images])
        answer = self.stub.ModelInfer(request)
        self.check_answer(metadata, request, answer)
        self.assertEqual(answer.raw_output_contents[0], b"", "an empty entry, or the generator aborts")
        got = shm.get_contents_as_numpy(handles[metadata.outputs[0].name], np.uint8, [len(expected)])
        self.assertEqual(got.tobytes(), expected)
        self.stub.SystemSharedMemoryUnregister(service_pb2.SystemSharedMemoryUnregisterRequest(name=""))
        regions = self.stub.SystemSharedMemoryStatus(service_pb2.SystemSharedMemoryStatusRequest()).regions
        self.assertEqual(len(regions), 0)

    def test_a_batch_that_the_generator_did_not_check_is_refused(self):
        metadata = self.describe("plain6_gn")
        before = self.statistics("plain6_gn")["plain6_gn", "1"]
        with self.assertRaises(grpc.RpcError) as caught:
            self.stub.ModelInfer(self.request(metadata, 1, 65))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        after = self.statistics("plain6_gn")["plain6_gn", "1"]
        self.assertEqual(after.inference_stats.fail.count - before.inference_stats.fail.count, 1)
        self.assertEqual(after.execution_count, before.execution_count)

    def test_statistics_through_the_python_client(self):
        client = triton.InferenceServerClient(self.server.grpc_address)
        self.addCleanup(client.close)
        models = {m.name for m in client.get_inference_statistics().model_stats}
        self.assertEqual(models, {m.name for m in client.get_model_repository_index().models if m.state == "READY"})
        metadata = self.describe("plain6_bn2")
        before, after = self.window(metadata, 1, requests=5, batch=16)
        self.assertEqual([b.batch_size for b in after.batch_stats], [16])
        self.assertEqual(after.batch_stats[0].compute_infer.count, 5)
        self.assertGreater(after.last_inference, before.last_inference)
        answer = client.get_inference_statistics("plain6_bn2", "1", as_json=True)["model_stats"]
        self.assertEqual([m["name"] for m in answer], ["plain6_bn2"])
        with self.assertRaises(triton.InferenceServerException) as caught:
            client.get_inference_statistics("plain6_bn3")
        self.assertEqual(caught.exception.status(), "StatusCode.NOT_FOUND")

    def test_every_method_that_is_not_offered_says_so(self):
        """The C++ client takes an error without a text for success."""
        methods = {m.name: m for m in service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"].methods}
        refused = set(methods) - {"ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata",
                                  "ModelInfer", "ModelStreamInfer", "ModelConfig", "ModelStatistics",
                                  "RepositoryIndex", "SystemSharedMemoryStatus", "SystemSharedMemoryRegister",
                                  "SystemSharedMemoryUnregister", "TraceSetting", "LogSettings"}
        for name in refused:
            with self.assertRaises(grpc.RpcError) as caught:
                getattr(self.stub, name)(getattr(service_pb2, methods[name].input_type.name)())
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED, name)
            self.assertTrue(caught.exception.details(), name)


if __name__ == "__main__":
    unittest.main()
