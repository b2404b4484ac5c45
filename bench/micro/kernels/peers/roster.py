# SPDX-License-Identifier: Apache-2.0
"""Who takes part in a case."""

import onnx_forms
from contenders import aten, copy, inductor, onnx_runtime, open_vino


def onnx_peers(problem):
    # Neither has a channels-last layout for norms: their inputs would be converted there and back.
    if problem.case.layout == "nhwc":
        return
    for form, model in onnx_forms.models(problem):
        for name, library in (("ort", onnx_runtime), ("ov", open_vino)):
            yield (f"{name}/{form}",
                   lambda threads, library=library, model=model: library.prepare(problem, threads, model))


def contenders(problem):
    """(name, prepare(threads)) of each; ATen is first, being what all others are paired with."""
    yield "aten", lambda threads: aten.prepare(problem, threads)
    yield "copy", lambda threads: copy.prepare(problem, threads)
    yield "inductor", lambda threads: inductor.prepare(problem, threads)
    yield from onnx_peers(problem)
