# SPDX-License-Identifier: Apache-2.0
"""Times calls in interleaved pairs."""

import itertools
import time

import pairs

CHUNK_SECONDS = 200e-6  # calls shorter than this are timed several at once: reading the clock costs 0.1 us
# Between two contenders: the threads of OpenMP, ONNX Runtime and TBB spin for a while after a call and would take
# the cores from the next one.
PAUSE_SECONDS = 0.02


def seconds_of(calls, count):
    start = time.perf_counter()
    for call in itertools.islice(calls, count):
        call()
    return time.perf_counter() - start


def calls_in_chunk(calls):
    count = 1
    while seconds_of(calls, count) < CHUNK_SECONDS:
        count *= 2
    return count


class Arm:
    """One contender: its calls, one for each pair of tensors, go round."""

    def __init__(self, calls):
        self.calls = itertools.cycle(calls)
        self.first_us = seconds_of(self.calls, 1) * 1e6
        seconds_of(self.calls, len(calls))  # every tensor and thread has been there once
        self.chunk = calls_in_chunk(self.calls)

    def p50_us(self, seconds):
        """Median time of a call, over at least three chunks and `seconds`."""
        time.sleep(PAUSE_SECONDS)
        seconds_of(self.calls, self.chunk)
        chunks, end = [], time.perf_counter() + seconds
        while len(chunks) < 3 or time.perf_counter() < end:
            chunks.append(seconds_of(self.calls, self.chunk))
        return pairs.median(chunks) / self.chunk * 1e6


def run_pairs(count, seconds, a, b):
    """Figures of both arms in `count` pairs of twice `seconds`; which one goes first alternates."""
    first, second = [], []
    for index in range(count):
        for arm, figures in [(a, first), (b, second)] if index % 2 == 0 else [(b, second), (a, first)]:
            figures.append(arm.p50_us(seconds))
    return first, second
