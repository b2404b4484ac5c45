# SPDX-License-Identifier: Apache-2.0
"""Which ratio a row has to reach. Pure but for reading the file."""

import json
import pathlib

import patterns

FILE = pathlib.Path(__file__).resolve().with_name("targets.json")
BEST, ATEN = "best", "aten"


def read(path=FILE):
    return json.loads(path.read_text(encoding="utf-8"))["targets"]


def holds(target, row, against):
    return (target.get("against", BEST) == against
            and target.get("contender", "native") == row.contender
            and target.get("threads", row.threads) == row.threads
            and target.get("cache", row.cache) == row.cache
            and patterns.fits(target["key"], row.key))


def target_of(targets, row, against=BEST):
    """The ratio of the first target that fits; None where the table says nothing of this row."""
    return next((target["ratio"] for target in targets if holds(target, row, against)), None)
