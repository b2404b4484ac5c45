# SPDX-License-Identifier: Apache-2.0
import unittest

import numpy as np

import support  # noqa: F401  (finds the modules)

import reference
from cases import Case

X = np.random.default_rng(1).normal(3, 2, (2, 4, 3, 5))
PLAIN = {"gamma": np.ones(4), "beta": np.zeros(4), "mean": np.full(4, 3.0), "variance": np.full(4, 4.0)}


class Reference(unittest.TestCase):
    def moments(self, case, axes):
        y = reference.normalize(case, X, PLAIN)
        np.testing.assert_allclose(y.mean(axis=axes), 0, atol=1e-12)
        np.testing.assert_allclose(y.std(axis=axes), 1, atol=1e-4)

    def test_instance_and_batch_norm_standardize_over_their_axes(self):
        self.moments(Case("instance", X.shape), (2, 3))
        self.moments(Case("batch", X.shape, stats="batch"), (0, 2, 3))

    def test_group_norm_standardizes_each_group(self):
        y = reference.normalize(Case("group", X.shape, 2), X, PLAIN).reshape(2, 2, -1)
        np.testing.assert_allclose(y.mean(axis=2), 0, atol=1e-12)

    def test_running_statistics_are_the_given_ones(self):
        y = reference.normalize(Case("batch", X.shape, stats="running"), X, PLAIN)
        np.testing.assert_allclose(y, (X - 3) / 2, rtol=1e-5)

    def test_layer_and_rms_norm_have_a_parameter_for_each_last_index(self):
        rows, width = X.reshape(24, 5), {"gamma": np.arange(5.0), "beta": np.ones(5)}
        layer = reference.normalize(Case("layer", rows.shape), rows, width)
        np.testing.assert_allclose(layer[:, 0], 1)
        rms = reference.normalize(Case("rms", rows.shape), rows, width)
        np.testing.assert_allclose(rms[:, 0], 0)
        np.testing.assert_allclose(rms[:, 1], rows[:, 1] / np.sqrt((rows**2).mean(axis=1)), rtol=1e-5)

    def test_silu(self):
        case = Case("instance", X.shape)
        bare = reference.normalize(case, X, PLAIN)
        np.testing.assert_allclose(reference.normalize(case._replace(fused="silu"), X, PLAIN),
                                   bare / (1 + np.exp(-bare)))

    def test_error_is_in_units_of_the_dtype(self):
        case = Case("layer", (1, 4))
        expected = np.full((1, 4), 2.0)
        self.assertAlmostEqual(reference.scaled_error(case, expected + [0, 0, 2 * 2.0**-24, 0], expected), 1)

    def test_small_numbers_are_held_to_the_size_of_their_group(self):
        case = Case("layer", (1, 2))
        error = reference.scaled_error(case, np.array([[2.0**-24, 1.0]]), np.array([[0.0, 1.0]]))
        self.assertAlmostEqual(error, 2**0.5)

    def test_a_missing_number_is_infinitely_wrong(self):
        wrong = np.array([[1.0, np.nan]])
        self.assertEqual(reference.scaled_error(Case("layer", (1, 2)), wrong, np.ones((1, 2))), np.inf)


if __name__ == "__main__":
    unittest.main()
