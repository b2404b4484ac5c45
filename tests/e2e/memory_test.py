# SPDX-License-Identifier: Apache-2.0
"""Memory after many requests of many shapes: what is kept by shape (plans, buffers, LibTorch's caches) is bounded."""

import statistics
import unittest

from contract import Contract
from support import ServerTest

SHAPES = 200
WORDS = {"norm": ["group", "layer", "instance", "rms", "batch"], "dtype": ["f32", "f16", "bf16"],
         "layout": ["nchw", "nhwc"]}


class Memory(ServerTest):
    FLAGS = ("--workers", "2")
    # With a heap for each thread the memory is as well a matter of which of them had the largest shape so far.
    ENVIRONMENT = {"MALLOC_ARENA_MAX": "1"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = Contract(cls.server.channel)
        cls.normalize = staticmethod(cls.contract.method("normbench.v1.Normalization", "Normalize"))
        cls.measure = staticmethod(cls.contract.method("normbench.v1.Benchmark", "Measure"))

    def words(self, i):
        """Spec, dtype and layout number i: every norm, dtype and layout in turn."""
        norm = WORDS["norm"][i % 5]
        spec = self.contract.message("normbench.v1.NormSpec", norm=norm, affine="none",
                                     groups=4 if norm == "group" else 0, stats="batch" if norm == "batch" else "")
        return {"spec": spec, "dtype": WORDS["dtype"][i % 3], "layout": WORDS["layout"][i % 2]}

    def round(self, height):
        """Normalizes and measures SHAPES shapes, `height` to `height` + 49 high; returns the resident bytes then."""
        for i in range(SHAPES):
            shape, words = (1 + i // 50, 16, height + i % 50, 64), self.words(i)
            elements = shape[0] * shape[1] * shape[2] * shape[3]
            x = bytes(elements * (4 if words["dtype"] == "f32" else 2))
            answer = self.normalize(self.contract.message("normbench.v1.NormalizeRequest", shape=shape, x=x, **words),
                                    timeout=60)
            self.assertEqual(len(answer.y), len(x))
            case = self.contract.message("normbench.v1.NormCase", shape=shape, **words)
            budget = self.contract.message("normbench.v1.MeasureBudget", warmup_seconds=1e-4, seconds=1e-3,
                                           min_samples=1, max_samples=2)
            events = list(self.measure(self.contract.message("normbench.v1.MeasureRequest", norm_case=case,
                                                             budget=budget), timeout=60))
            self.assertGreater(len(events[-1].result.sample_seconds), 0)
        return self.server.resident_bytes()

    def test_200_shapes_again_and_again_take_no_more_than_twice(self):
        self.round(51)
        # How many requests are under way when one is late is the machine's: what grows, grows in each round.
        rounds = [self.round(51) for _ in range(6)]
        second = statistics.median(rounds[:3])
        self.assertLess(statistics.median(rounds[3:]), 1.02 * second, rounds)
        # Others that are no larger: what is kept by shape goes by age, and is not added to.
        self.assertLess(self.round(1), 1.02 * second, "200 other shapes")


if __name__ == "__main__":
    unittest.main()
