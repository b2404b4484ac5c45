# SPDX-License-Identifier: Apache-2.0
"""Ratios of interleaved pairs and what may be said about them, as bench/stats/quantile.h does it. Pure."""

import math
from typing import NamedTuple

CONFIDENCE = 0.95
FEWEST = 6  # pairs that give an interval


class Ratio(NamedTuple):
    median: float
    low: float
    high: float

    def times(self, other):
        """The product of two independent ratios; its interval covers at least as often as the two at once."""
        return Ratio(self.median * other.median, self.low * other.low, self.high * other.high)


EQUAL = Ratio(1.0, 1.0, 1.0)


def median(values):
    """By nearest rank: value number ceil(n / 2)."""
    return sorted(values)[math.ceil(len(values) / 2) - 1]


def interval_ranks(count):
    """Ranks l < u, from 1, with P(X_(l) <= median < X_(u)) >= 95 % by the binomial distribution."""
    if count < FEWEST:
        raise ValueError(f"{count} pairs give no interval: at least {FEWEST}")
    below, low = 0.0, 0
    while below + math.comb(count, low) / 2**count <= (1 - CONFIDENCE) / 2:
        below += math.comb(count, low) / 2**count
        low += 1
    return low, count + 1 - low


def ratio_of(numerators, denominators):
    ratios = sorted(a / b for a, b in zip(numerators, denominators, strict=True))
    low, high = interval_ranks(len(ratios))
    return Ratio(median(ratios), ratios[low - 1], ratios[high - 1])


def verdict(ratio, target):
    """Met when the median is at least the target, missed when the whole interval is below it, else undecided."""
    if ratio.median >= target:
        return "met"
    return "missed" if ratio.high < target else "undecided"
