# SPDX-License-Identifier: Apache-2.0
"""Eager LibTorch: the library that both programs have, hence the link of the chain."""

import torch
import torch.nn.functional as F

from cases import EPS
from contenders import Prepared


def plain_operator(case, p):
    """x -> y with the parameters p."""
    gamma, beta = p["gamma"], p["beta"]
    if case.norm == "group":
        return lambda x: F.group_norm(x, case.groups, gamma, beta, EPS)
    if case.norm == "instance":
        return lambda x: F.instance_norm(x, weight=gamma, bias=beta, eps=EPS)
    if case.norm == "batch":
        if case.stats == "batch":
            return lambda x: F.batch_norm(x, None, None, gamma, beta, training=True, eps=EPS)
        return lambda x: F.batch_norm(x, p["mean"], p["variance"], gamma, beta, eps=EPS)
    if case.norm == "layer":
        return lambda x: F.layer_norm(x, case.shape[-1:], gamma, beta, EPS)
    return lambda x: F.rms_norm(x, case.shape[-1:], gamma, EPS)


def operator(case, p):
    norm = plain_operator(case, p)
    if case.fused == "silu":
        return lambda x: F.silu(norm(x), inplace=True)  # half the traffic of a second tensor
    return norm


def prepared(function, problem):
    """Calls whose outputs are allocated: an old one is freed first, so that the next one takes its place."""
    kept = [None] * len(problem.xs)

    def call_of(index):
        x = problem.xs[index]

        def call():
            kept[index] = None
            kept[index] = function(x)
        return call

    return Prepared([call_of(index) for index in range(len(kept))], lambda: kept[0])


def prepare(problem, threads):
    torch.set_num_threads(threads)
    return prepared(operator(problem.case, problem.parameters), problem)
