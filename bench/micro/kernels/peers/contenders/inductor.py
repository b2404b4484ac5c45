# SPDX-License-Identifier: Apache-2.0
"""torch.compile with its default backend: C++ written for this shape, dtype and number of threads."""

import torch

from contenders import aten


def prepare(problem, threads):
    torch.set_num_threads(threads)
    torch.compiler.reset()  # else code made for another number of threads would be used again
    compiled = torch.compile(aten.operator(problem.case, problem.parameters), dynamic=False, fullgraph=True)
    return aten.prepared(compiled, problem)
