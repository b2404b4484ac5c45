# SPDX-License-Identifier: Apache-2.0
"""bench/stats finds what SciPy finds, on random data: usage: scipy_check.py PRINT_STATS"""

import subprocess
import sys
import unittest

import numpy
from scipy import stats

PRINT_STATS = sys.argv.pop(1)
SIZES = [1, 2, 3, 5, 8, 12, 20, 21, 40, 55, 100, 400]


def call(lines):
    """The results of each line (name, parameters, values), in order."""
    text = "".join(f"{name} {' '.join(map(repr, map(float, parameters)))}:{' '.join(map(repr, map(float, values)))}\n"
                   for name, parameters, values in lines)
    answer = subprocess.run([PRINT_STATS], input=text, check=True, capture_output=True, text=True).stdout
    return [[float(word) for word in line.split()] for line in answer.splitlines()]


def p_of(differences, centre, alternative):
    return stats.wilcoxon(numpy.asarray(differences) - centre, alternative=alternative, method="exact").pvalue


class SciPy(unittest.TestCase):
    def setUp(self):
        self.random = numpy.random.default_rng(20260101)

    def compare(self, cases, atol=1e-14):
        """`cases`: ((name, parameters, values), what SciPy says). Small p values of SciPy are 1 - cdf: hence `atol`."""
        results = call([line for line, _ in cases])
        self.assertEqual(len(results), len(cases))
        for (line, expected), found in zip(cases, results):
            numpy.testing.assert_allclose(found, expected, rtol=1e-9, atol=atol, err_msg=str(line))

    def samples(self):
        for n in SIZES:
            for _ in range(3):
                yield self.random.normal(self.random.normal(0, 2 / n ** 0.5), 1, n)
                yield self.random.standard_t(2, n) / 10

    def test_p_values(self):
        self.compare([((name, [centre], d), p_of(d, centre, name))
                      for d in self.samples() for name in ("greater", "less") for centre in (0, 0.05, -0.3)])

    def test_small_p_values_by_counting(self):
        """Whole numbers of subsets of the ranks, where SciPy has no digits left."""
        for n in (30, 60, 120):
            counts = [1]
            for rank in range(1, n + 1):
                counts = [a + b for a, b in zip(counts + [0] * rank, [0] * rank + counts)]
            for centre in (1.5, 1, 0.5):
                d = self.random.normal(centre, 1, n)
                against = sum(rank for rank, x in zip(stats.rankdata(abs(d)), d) if x < 0)
                expected = sum(counts[:int(against) + 1]) / 2 ** n
                [[found]] = call([("greater", [0], d)])
                self.assertLess(abs(found / expected - 1), 1e-12, (n, centre))

    def test_two_one_sided_tests(self):
        self.compare([(("tost", [-0.4, 0.5], d), max(p_of(d, -0.4, "greater"), p_of(d, 0.5, "less")))
                      for d in self.samples()])

    def test_ties_and_zeros_are_differences_a_little_on_the_other_side(self):
        cases = []
        for n in SIZES:
            for _ in range(3):
                d = self.random.integers(-3, 6, n)
                cases += [(("greater", [0], d), p_of(d, 1e-3, "greater")),
                          (("less", [1], d), p_of(d, 1 - 1e-3, "less"))]
        self.compare(cases)

    def test_estimate(self):
        cases = []
        for d in self.samples():
            i, j = numpy.triu_indices(len(d))
            cases.append((("hodges_lehmann", [], d), numpy.median((d[i] + d[j]) / 2)))
        self.compare(cases)

    def test_bounds_are_where_the_p_value_crosses_alpha(self):
        lines = [(name, [alpha], d) for d in self.samples() for alpha in (0.2, 0.05, 0.0125, 0.001)
                 for name in ("lower", "upper")]
        bounds = 0
        for (name, (alpha,), d), found in zip(lines, call(lines), strict=True):
            side, outwards = ("greater", -1e-9) if name == "lower" else ("less", 1e-9)
            self.assertEqual(bool(found), 0.5 ** len(d) <= alpha, (name, alpha, d))
            for bound in found:
                self.assertLessEqual(p_of(d, bound + outwards, side), alpha)
                self.assertGreater(p_of(d, bound - outwards, side), alpha)
                bounds += 1
        self.assertGreater(bounds, 300)

    def test_clopper_pearson(self):
        cases = []
        for n in (1, 2, 10, 77, 1000, 10000):
            for k in {0, 1, n // 7, n // 2, n - 1, n}:
                for confidence in (0.8, 0.95, 0.99):
                    interval = stats.binomtest(k, n).proportion_ci(confidence, method="exact")
                    cases.append((("clopper_pearson", [k, n, confidence], []), [interval.low, interval.high]))
        self.compare(cases, atol=2e-12)  # SciPy searches up to that

    def test_holm(self):
        """SciPy has none: the definition, min(1, max over the smaller ones of how many are left times p)."""
        cases = []
        for m in (1, 2, 3, 8, 30):
            p = self.random.uniform(0, 1, m) ** 3
            ranks = stats.rankdata(p, method="ordinal")
            adjusted = [min(1, max((m - ranks[k] + 1) * p[k] for k in range(m) if ranks[k] <= ranks[i]))
                        for i in range(m)]
            cases.append((("holm", [], p), adjusted))
        self.compare(cases)

    def test_deviations(self):
        self.compare([(("deviations", [], d), [numpy.std(d, ddof=1), stats.median_abs_deviation(d, scale="normal")])
                      for d in self.samples() if len(d) > 1])

    def test_detectable(self):
        cases = []
        for plan in ((0.05, 0.03, 12, 0.05, 0.8), (0.1, 0.2, 20, 0.0125, 0.9), (0, 0.01, 5, 0.2, 0.55)):
            margin, sd, n, alpha, power = plan
            z = stats.norm.ppf(1 - alpha) + stats.norm.ppf(power)
            cases.append((("detectable", plan, []),
                          numpy.exp(numpy.log(1 + margin) + z * 1.25 * sd / numpy.sqrt(n)) - 1))
        self.compare(cases)


if __name__ == "__main__":
    unittest.main()
