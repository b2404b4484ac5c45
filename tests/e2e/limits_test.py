# SPDX-License-Identifier: Apache-2.0
"""What is too much is refused with a code and a text, and the server lives on."""

import unittest

import grpc

from contract import Contract
from support import ServerProcess, ServerTest

MB = 1_000_000


class Limits(ServerTest):
    FLAGS = ("--memory-budget", "768MB")

    def setUp(self):
        channel = grpc.insecure_channel(self.server.grpc_address, [
            ("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)])
        self.addCleanup(channel.close)
        self.channel, self.contract = channel, Contract(channel)

    def fails(self, call):
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        return caught.exception.code(), caught.exception.details()

    def assert_lives(self):
        """A client that comes now is served; gRPC may have closed the connection of the bad one."""
        self.assertIsNone(self.server.process.poll())
        with grpc.insecure_channel(self.server.grpc_address,
                                   [("grpc.use_local_subchannel_pool", 1)]) as channel:
            self.assertEqual(Contract(channel).normalize().impl, "native")

    def test_message_of_512_mb(self):
        code, _ = self.fails(lambda: self.contract.normalize(x=bytes(512 * MB), timeout=120))
        self.assertEqual(code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertLess(self.server.peak_bytes(), 918 * MB)
        self.assert_lives()

    def test_message_just_over_the_limit_of_one(self):
        code, text = self.fails(lambda: self.contract.normalize(x=bytes(86 * MB), timeout=120))
        self.assertEqual(code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertIn("85333333", text)  # a ninth of the budget
        self.assert_lives()

    def test_large_message_within_the_limit(self):
        answer = self.contract.normalize(shape=(5, 64, 256, 256), groups=32, timeout=120)
        self.assertEqual(len(answer.y), 83_886_080)
        self.assertLess(self.server.peak_bytes(), 918 * MB)

    def test_large_messages_at_once_stay_within_the_budget(self):
        request = self.contract.normalize_request(shape=(2, 64, 256, 256), groups=32)
        call = self.contract.method("normbench.v1.Normalization", "Normalize")
        pending = [call.future(request, timeout=120) for _ in range(12)]  # 400 MB of inputs
        codes = [pending_call.code() for pending_call in pending]
        self.assertIn(grpc.StatusCode.OK, codes)
        self.assertLessEqual(set(codes), {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED})
        self.assertLess(self.server.peak_bytes(), 918 * MB)
        self.assert_lives()

    def test_compressed_messages(self):
        request = self.contract.normalize_request()
        call = self.contract.method("normbench.v1.Normalization", "Normalize")
        for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            code, text = self.fails(lambda: call(request, timeout=30, compression=compression))
            self.assertEqual(code, grpc.StatusCode.UNIMPLEMENTED)
            self.assertIn("compress", text.lower())
        self.assert_lives()

    def test_metadata(self):
        request = self.contract.normalize_request()
        call = self.contract.method("normbench.v1.Normalization", "Normalize")
        code, _ = self.fails(lambda: call(request, timeout=30, metadata=[("x-large", "a" * 20000)]))
        self.assertEqual(code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assert_lives()

    def test_unknown_methods(self):
        for path in ("/normbench.v1.Normalization/Nope", "/no.such.Service/Nope"):
            call = self.channel.unary_unary(path)
            code, text = self.fails(lambda: call(b"", timeout=30))
            self.assertEqual(code, grpc.StatusCode.UNIMPLEMENTED)
            self.assertEqual(text, f"no method '{path}' here; reflection lists what there is")
        long = self.channel.unary_unary("/" + "x" * 5000)
        self.assertLess(len(self.fails(lambda: long(b"", timeout=30))[1]), 300)

    def test_methods_that_are_not_offered_say_so(self):
        inference = "inference.GRPCInferenceService"
        code, text = self.fails(lambda: self.contract.method(inference, "RepositoryModelLoad")(
            self.contract.message("inference.RepositoryModelLoadRequest", model_name="m"), timeout=30))
        self.assertEqual(code, grpc.StatusCode.UNIMPLEMENTED)
        self.assertGreater(len(text), 20)


class CompressionBomb(unittest.TestCase):
    def test_is_refused_before_it_is_inflated(self):
        """Two fifths of a megabyte on the wire, more than half of the budget when inflated."""
        with ServerProcess("--memory-budget", "768MB") as server:
            contract = Contract(server.channel)
            contract.normalize()
            before = server.peak_bytes()
            call = contract.method("normbench.v1.Normalization", "Normalize")
            bomb = contract.normalize_request(x=bytes(400 * MB))
            with self.assertRaises(grpc.RpcError) as caught:
                call(bomb, timeout=120, compression=grpc.Compression.Gzip)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)
            self.assertLess(server.peak_bytes() - before, 40 * MB)
            self.assertEqual(contract.normalize().impl, "native")


class AllowedCompression(unittest.TestCase):
    def test_gzip(self):
        with ServerProcess("--allow-compression") as server:
            contract = Contract(server.channel)
            call = contract.method("normbench.v1.Normalization", "Normalize")
            answer = call(contract.normalize_request(), timeout=60, compression=grpc.Compression.Gzip)
            self.assertEqual(answer.impl, "native")


if __name__ == "__main__":
    unittest.main(verbosity=2)
