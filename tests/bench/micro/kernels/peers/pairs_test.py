# SPDX-License-Identifier: Apache-2.0
import unittest

import support  # noqa: F401  (finds the modules)

import pairs
from pairs import Ratio


class Pairs(unittest.TestCase):
    def test_median_is_by_nearest_rank(self):
        self.assertEqual(pairs.median([3, 1, 2]), 2)
        self.assertEqual(pairs.median([4, 1, 2, 3]), 2)

    def test_ranks_are_those_of_the_binomial_distribution(self):
        # Conover, Practical Nonparametric Statistics, table A3: P(B <= 3) = .0176 for n = 15.
        self.assertEqual(pairs.interval_ranks(15), (4, 12))
        self.assertEqual(pairs.interval_ranks(6), (1, 6))
        self.assertEqual(pairs.interval_ranks(20), (6, 15))

    def test_fewer_than_six_pairs_give_no_interval(self):
        with self.assertRaises(ValueError):
            pairs.interval_ranks(5)

    def test_ratio_is_taken_within_pairs(self):
        # Both arms get three times slower half-way: the ratio does not.
        slow = [1.0, 1.0, 1.0, 3.0, 3.0, 3.0]
        self.assertEqual(pairs.ratio_of([2 * value for value in slow], slow), Ratio(2, 2, 2))

    def test_ratio_of_unequal_counts_is_refused(self):
        with self.assertRaises(ValueError):
            pairs.ratio_of([1.0] * 7, [1.0] * 6)

    def test_interval_of_a_ratio(self):
        self.assertEqual(pairs.ratio_of([float(i) for i in range(1, 16)], [1.0] * 15), Ratio(8, 4, 12))

    def test_product(self):
        self.assertEqual(Ratio(2, 1, 4).times(Ratio(3, 2, 5)), Ratio(6, 2, 20))

    def test_verdicts(self):
        self.assertEqual(pairs.verdict(Ratio(1.2, 1.0, 1.3), 1.2), "met")
        self.assertEqual(pairs.verdict(Ratio(1.1, 1.0, 1.2), 1.2), "undecided")
        self.assertEqual(pairs.verdict(Ratio(1.1, 1.0, 1.19), 1.2), "missed")


if __name__ == "__main__":
    unittest.main()
