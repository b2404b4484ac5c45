# SPDX-License-Identifier: Apache-2.0
"""Traces as an operator reads them: lines of JSON in the file that the server was started with."""

import json
import pathlib
import re
import resource
import time
import unittest

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from support import ServerProcess, ServerTest, make_test_models, run_server, wait_for

POINTS = ["REQUEST_START", "QUEUE_START", "COMPUTE_START", "COMPUTE_INPUT_END", "COMPUTE_OUTPUT_START",
          "COMPUTE_END", "REQUEST_END"]
TRACE = "0af7651916cd43dd8448eb211c80319c"
README = pathlib.Path(__file__).resolve().parents[2] / "server" / "README.md"


def infer(address, model="plain6_gn", **more):
    images = np.zeros((8, 1, 28, 28), np.float32)
    tensor = triton.InferInput("image", list(images.shape), "FP32")
    tensor.set_data_from_numpy(images)
    with triton.InferenceServerClient(address) as client:
        return client.infer(model, [tensor], **more)


class TraceTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = make_test_models(cls)
        cls.file = cls.folder / "traces.jsonl"
        cls.FLAGS = ("--models", str(cls.folder / "models"), "--trace-file", str(cls.file), "--trace-rate", "2")
        super().setUpClass()

    def lines(self, count=0):
        """All lines so far; waits until there are `count`: they are written after the answer."""
        deadline = time.monotonic() + 30
        while True:
            lines = [json.loads(line) for line in self.file.read_text().splitlines()]
            if len(lines) >= count or time.monotonic() > deadline:
                return lines

    def ask_twice(self, **more):
        """The one line that two requests leave."""
        before = len(self.lines())
        for _ in range(2):
            infer(self.server.grpc_address, **more)
        lines = self.lines(before + 1)[before:]
        self.assertEqual(len(lines), 1)
        return lines[0]

    def test_every_second_request_is_a_line(self):
        begun = time.time_ns()
        line = self.ask_twice(request_id="call 17")
        self.assertEqual((line["model_name"], line["model_version"], line["request_id"], line["status"],
                          line["formed_batch"]), ("plain6_gn", 1, "call 17", "OK", 8))
        self.assertEqual([point["name"] for point in line["timestamps"]], POINTS)
        times = [begun, *(point["ns"] for point in line["timestamps"]), time.time_ns()]
        self.assertEqual(times, sorted(times), "by the clock of the system")

    def test_a_failure_is_a_line_and_an_id_cannot_forge_one(self):
        forged = '"}\n{"id":0}'
        before = len(self.lines())
        for _ in range(2):
            with self.assertRaises(InferenceServerException):
                infer(self.server.grpc_address, model="plain6_gm", request_id=forged)
        line = self.lines(before + 1)[-1]
        self.assertEqual((line["model_name"], line["request_id"], line["status"]), ("plain6_gm", forged, "NOT_FOUND"))
        self.assertEqual([point["name"] for point in line["timestamps"]], [POINTS[0], POINTS[-1]])

    def test_a_sampled_parent_is_followed(self):
        lines = [self.ask_twice(headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-00"})]
        before = len(self.lines())
        for _ in range(2):
            infer(self.server.grpc_address, headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
        lines += self.lines(before + 2)[before:]
        self.assertEqual(len(lines), 3)
        self.assertEqual({line["trace_id"] for line in lines}, {TRACE})
        self.assertEqual({line["parent_span_id"] for line in lines}, {"b7ad6b7169203331"})
        self.assertEqual(len({line["span_id"] for line in lines}), 3)

    def test_settings_are_told_and_stay(self):
        with triton.InferenceServerClient(self.server.grpc_address) as client:
            self.assertIn("trace", client.get_server_metadata().extensions)
            settings = client.get_trace_settings(as_json=True)["settings"]
            for name, value in (("trace_level", "TIMESTAMPS"), ("trace_rate", "2"), ("trace_file", "traces.jsonl")):
                self.assertEqual(settings[name], {"value": [value]})
            for name, value in (("trace_level", ["OFF"]), ("trace_rate", "1"), ("trace_file", "/tmp/stolen")):
                with self.assertRaisesRegex(InferenceServerException, f"{name}: .*this server offers no other"):
                    client.update_trace_settings(settings={name: value})

    def test_a_full_disk_costs_the_line_only(self):
        with ServerProcess(*self.FLAGS[:2], "--trace-file", "/dev/full", "--trace-rate", "1") as server:
            for _ in range(3):
                self.assertEqual(infer(server.grpc_address).as_numpy("logits").shape, (8, 10))
            wait_for(lambda: server.metric("normbench_server_trace_errors_total") == 3, "three lines lost")

    def test_a_file_at_its_limit_does_not_end_the_server(self):
        flags = (*self.FLAGS[:2], "--trace-file", str(self.folder / "limited"), "--trace-rate", "1")
        with ServerProcess(*flags) as server:
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, 0))
            infer(server.grpc_address)
            wait_for(lambda: server.metric("normbench_server_trace_errors_total") == 1, "a line lost")

    def test_a_file_that_cannot_be_opened_is_said(self):
        done = run_server("--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--device", "cpu",
                          "--trace-file", "/no/such/folder/t")
        self.assertEqual((done.returncode, done.stderr), (1, "normbench-server: --trace-file: cannot open "
                                                             "'/no/such/folder/t': No such file or directory\n"))

    def test_the_readme_shows_such_a_line(self):
        shown = json.loads(re.search(r"^(\{\"id\".*)$", README.read_text(), re.M).group(1))
        line = self.ask_twice(request_id="x", headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-00"})
        self.assertEqual(list(shown), list(line))
        self.assertEqual(shown["timestamps"][0].keys(), line["timestamps"][0].keys())


if __name__ == "__main__":
    unittest.main(verbosity=2)
