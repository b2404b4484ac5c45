# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime, its CPU kernels, reading and writing the problem's own memory."""

import onnxruntime

import onnx_forms
from contenders import Prepared


def session_of(model, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors; they are raised as well
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def prepare(problem, threads, model):
    session = session_of(model, threads)
    element, shape = onnx_forms.TYPES[problem.case.dtype], problem.case.shape
    x_name, y_name = session.get_inputs()[0].name, session.get_outputs()[0].name

    def call_of(x, y):
        binding = session.io_binding()
        binding.bind_input(x_name, "cpu", 0, element, shape, x.data_ptr())
        binding.bind_output(y_name, "cpu", 0, element, shape, y.data_ptr())
        return lambda: session.run_with_iobinding(binding)

    return Prepared([call_of(x, y) for x, y in zip(problem.xs, problem.ys)], lambda: problem.ys[0])
