# SPDX-License-Identifier: Apache-2.0
"""The two programs' JSON files as rows with the same names. Pure: they take what json.load gives."""

from typing import NamedTuple

import keys
from pairs import EQUAL, Ratio

SCHEMA_VERSION = 1  # of both


class NativeRow(NamedTuple):
    """A native contender of norm_bench in one case."""
    key: str
    cache: str
    threads: int
    contender: str  # native, native/streaming
    over_aten: Ratio  # time of ATen over the time of this one
    aten_over_copy: float | None

    @property
    def place(self):
        return self.key, self.cache, self.threads


class PeerRow(NamedTuple):
    """All peers in one case: their times over ATen's, and what ties the two processes."""
    over_aten: dict  # name -> Ratio
    aten_over_copy: float | None


def check_version(document, name):
    if document.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"{name}: schema_version is {document.get('schema_version')}, not {SCHEMA_VERSION}")


def timed(case):
    return {row["contender"]: row for row in case["contenders"] if "times" in row}


def aten_over_copy(rows):
    if "torch" not in rows or "torch-copy" not in rows:
        return None
    return rows["torch"]["times"]["p50_us"] / rows["torch-copy"]["times"]["p50_us"]


def native_rows_of_case(case, cache):
    rows = timed(case)
    for name, row in rows.items():
        ratio = row.get("torch_over_this")
        if name.partition("/")[0] == "native" and ratio:
            yield NativeRow(keys.comparable(row["key"]), cache, case["threads"], name,
                            Ratio(ratio["ratio"], ratio["low"], ratio["high"]), aten_over_copy(rows))


def native_rows(document):
    check_version(document, "norm_bench's file")
    cache = document["options"]["cache"]
    return [row for case in document["cases"] for row in native_rows_of_case(case, cache)]


def peer_rows(document):
    """{(key, cache, threads): PeerRow}"""
    check_version(document, "the peers' file")
    overhead = document["surroundings"]["copy_call_us"]
    return {(row["key"], row["cache"], row["threads"]): peer_row(row["contenders"], overhead)
            for row in document["rows"]}


def peer_row(contenders, copy_call_us):
    ratios = {name: Ratio(**result["ratio_to_aten"]) for name, result in contenders.items()
              if "ratio_to_aten" in result}
    if ratios.pop("copy", None) is None:
        return PeerRow({"aten": EQUAL, **ratios}, None)
    copy = contenders["copy"]
    return PeerRow({"aten": EQUAL, **ratios}, copy["aten_p50_us"] / (copy["p50_us"] - copy_call_us))
