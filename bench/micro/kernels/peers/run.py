# SPDX-License-Identifier: Apache-2.0
"""Runs the cases: checks every contender, then times it in pairs with ATen, and writes down both."""

import json
import os
import platform
import sys

import numpy
import onnx
import onnxruntime
import openvino
import torch

import libgomp
import pairs
import patterns
import reference
import roster
import timing
from problem import Problem


def copy_call_us():
    """Of a copy of one number: what Python and ATen add to a copy, and norm_bench's does not have."""
    one = torch.zeros(1)
    return timing.Arm([lambda: one.copy_(one)]).p50_us(0.1)


def surroundings():
    return {"torch": torch.__version__, "aten_isa": torch.backends.cpu.get_cpu_capability(),
            "onnxruntime": onnxruntime.__version__, "openvino": openvino.__version__, "onnx": onnx.__version__,
            "numpy": numpy.__version__, "python": platform.python_version(), "cpus": os.cpu_count(),
            "copy_call_us": copy_call_us(), "load_before": os.getloadavg()[0]}


class Wrong(Exception):
    """What was computed is not what was asked for."""


def checked(problem, prepared):
    """The error of the first call's output. Raises Wrong where it is too large."""
    problem.forget_outputs()
    prepared.calls[0]()
    error = problem.error(prepared.output())
    if not error <= reference.LIMIT[problem.case.dtype]:
        raise Wrong(f"wrong by {error:.3g} u")
    return error


def first_line(error):
    return next(iter(f"{type(error).__name__}: {error}".splitlines()))[:200]


def ready(problem, name, prepare, threads):
    """The contender to time and its part of the results; None where it cannot compute the case."""
    try:
        prepared = prepare(threads)
        error = None if name == "copy" else checked(problem, prepared)
        return timing.Arm(prepared.calls), {"err_scaled": error}
    except Wrong as error:
        return None, {"left_out": str(error)}
    except Exception as error:  # whatever a library raises: it is that library's result
        return None, {"left_out": first_line(error)}


def paired(options, aten, arm):
    ours, theirs = timing.run_pairs(options.pairs, options.seconds, aten, arm)
    ratio = pairs.ratio_of(theirs, ours)
    return {"p50_us": pairs.median(theirs), "aten_p50_us": pairs.median(ours), "ratio_to_aten": ratio._asdict()}


def line(name, result):
    if "left_out" in result:
        return f"  {name:16} left out: {result['left_out']}"
    error = "" if result.get("err_scaled") is None else f"error {result['err_scaled']:.3g} u"
    ratio = result.get("ratio_to_aten")
    text = f"{ratio['median']:7.3f} [{ratio['low']:.3f}, {ratio['high']:.3f}] x ATen's time" if ratio else ""
    return f"  {name:16} {result.get('p50_us', 0):10.1f} us {text:36} {error}"


def run_row(options, problem, threads):
    """Results by contender, for one number of threads."""
    results, aten = {}, None
    for name, prepare in roster.contenders(problem):
        if name != "aten" and not patterns.fits(options.contenders, name):
            continue
        arm, results[name] = ready(problem, name, prepare, threads)
        if name == "aten":
            if arm is None:
                raise SystemExit(f"norm_peers.py: ATen cannot compute {problem.case.key}: {results[name]}")
            aten = arm
            results[name]["p50_us"] = arm.p50_us(options.seconds)
        elif arm is not None:
            results[name].update(paired(options, aten, arm))
        print(line(name, results[name]), flush=True)
    return results


def run(options, cases):
    result = {"schema_version": 1, "pairs": options.pairs, "seconds": options.seconds,
              "surroundings": surroundings(), "rows": []}
    for case in cases:
        for cache in options.cache:
            problem = Problem(case, cache)
            for threads in options.threads:
                print(f"{case.key}, {cache}, threads {threads}", flush=True)
                contenders = run_row(options, problem, threads)
                result["rows"].append({"key": case.key, "cache": cache, "threads": threads,
                                       "contenders": contenders})
    result["surroundings"]["load_after"] = os.getloadavg()[0]
    for text in libgomp.warnings():
        print(f"norm_peers.py: {text}", file=sys.stderr)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
