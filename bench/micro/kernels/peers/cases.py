# SPDX-License-Identifier: Apache-2.0
"""What is timed: the cases of bench/sweeps/peers.json, those fused with SiLU, and a tiny one. Pure but for the file."""

import itertools
import json
import math
import pathlib
from typing import NamedTuple

import keys

SWEEP = pathlib.Path(__file__).resolve().parents[3] / "sweeps" / "peers.json"
EPS = 1e-5
BYTES = {"f32": 4, "bf16": 2}


class Case(NamedTuple):
    norm: str
    shape: tuple
    groups: int = 0
    dtype: str = "f32"
    layout: str = "nchw"
    stats: str = ""
    fused: str = ""

    @property
    def key(self):
        return keys.make(self.norm, {"shape": "x".join(map(str, self.shape)), "g": str(self.groups or ""),
                                     "dtype": self.dtype, "layout": self.layout, "stats": self.stats,
                                     "fused": self.fused})

    @property
    def tensor_bytes(self):
        return math.prod(self.shape) * BYTES[self.dtype]


# Axes of a sweep's entry (bench/report/README.md) with their defaults, in the order in which it expands.
AXES = {"norm": None, "stats": ["running"], "groups": [32], "shape": None, "tensor_n": [1], "dtype": ["f32"],
        "layout": ["nchw"]}


def expand(entry):
    unknown = set(entry) - set(AXES)
    if unknown:
        raise ValueError(f"{SWEEP.name}: the peers know no {', '.join(sorted(unknown))}")
    for values in itertools.product(*(entry.get(name, default) for name, default in AXES.items())):
        norm, stats, groups, shape, n, dtype, layout = values
        yield Case(norm, (n, *map(int, shape.split("x"))), groups if norm == "group" else 0, dtype, layout,
                   stats if norm == "batch" else "")


def silu_cases():
    """As in U-Nets; the rows with SiLU of fused_cases.cc."""
    for shape in [(1, 256, 56, 56), (8, 256, 56, 56), (2, 320, 64, 64)]:
        yield Case("group", shape, 32, fused="silu")
    yield Case("group", (1, 256, 56, 56), 32, layout="nhwc", fused="silu")
    yield Case("group", (8, 256, 56, 56), 32, "bf16", fused="silu")


# A few elements: what a call costs, which a peer in Python pays in every case.
FLOOR = Case("layer", (1, 8))


def all_cases(sweep=SWEEP):
    entries = json.loads(sweep.read_text(encoding="utf-8"))["kernel"]
    return [FLOOR, *itertools.chain.from_iterable(map(expand, entries)), *silu_cases()]
