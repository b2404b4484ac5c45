# SPDX-License-Identifier: Apache-2.0
"""OpenVINO's CPU plugin, reading and writing the problem's own memory."""

import openvino
import torch

from contenders import Prepared

CORE = openvino.Core()
# LATENCY: one request at a time has all threads. The precision is the tensors' own, whatever the CPU is fast at.
SETTINGS = {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
TYPES = {"f32": openvino.Type.f32, "bf16": openvino.Type.bf16}


def view(tensor, dtype):
    """The same memory, as OpenVINO names it."""
    numbers = tensor.numpy() if dtype == "f32" else tensor.view(torch.uint16).numpy()
    return openvino.Tensor(numbers, tensor.shape, TYPES[dtype])


def prepare(problem, threads, model):
    compiled = CORE.compile_model(CORE.read_model(model), "CPU", {**SETTINGS, "INFERENCE_NUM_THREADS": threads})
    dtype = problem.case.dtype

    def call_of(x, y):
        request = compiled.create_infer_request()
        request.set_input_tensor(view(x, dtype))
        request.set_output_tensor(view(y, dtype))
        # start_async and wait cost another 10 us; results that are not shared would be copied.
        return lambda: request.infer(share_outputs=True)

    return Prepared([call_of(x, y) for x, y in zip(problem.xs, problem.ys)], lambda: problem.ys[0])
