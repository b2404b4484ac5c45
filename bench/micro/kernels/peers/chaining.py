# SPDX-License-Identifier: Apache-2.0
"""native against the best peer, which cannot share its process: chained through ATen, which both have. Pure."""

from typing import NamedTuple

import targets
from pairs import Ratio, verdict

MOST_DRIFT = 0.10  # of ATen/copy between the processes; beyond it they did not measure the same machine


class Chained(NamedTuple):
    row: object  # results.NativeRow
    against: str = targets.BEST
    peer: str = ""  # which that is
    ratio: Ratio | None = None  # its time over native's
    drift: float | None = None
    target: float | None = None
    verdict: str = ""


def drift(native, peers):
    """How far ATen/copy in the peers' process is from norm_bench's: 0.05 for 5 % either way; None if not known."""
    if native.aten_over_copy is None or peers.aten_over_copy is None:
        return None
    ratio = peers.aten_over_copy / native.aten_over_copy
    return max(ratio, 1 / ratio) - 1


def best_peer(peers):
    return min(peers.over_aten, key=lambda name: peers.over_aten[name].median)


def judged(ratio, target, drifted, chained):
    """ATen itself is in norm_bench's process: that ratio needs no chain and cannot be void."""
    if chained and (drifted is None or drifted > MOST_DRIFT):
        return "void"
    return "" if target is None else verdict(ratio, target)


def chain_row(native, peers, table):
    """native against the best of `peers`, and against ATen where the table has a target for that, too."""
    if peers is None:
        yield Chained(native, verdict="no peers")
        return
    best, drifted = best_peer(peers), drift(native, peers)
    ratio = native.over_aten.times(peers.over_aten[best])
    target = targets.target_of(table, native)
    yield Chained(native, targets.BEST, best, ratio, drifted, target, judged(ratio, target, drifted, best != "aten"))
    target = targets.target_of(table, native, targets.ATEN)
    if target is not None:
        yield Chained(native, targets.ATEN, "aten", native.over_aten, drifted, target,
                      judged(native.over_aten, target, drifted, chained=False))


def chain(native_rows, peer_rows, table):
    return [chained for row in native_rows for chained in chain_row(row, peer_rows.get(row.place), table)]
