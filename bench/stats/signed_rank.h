// SPDX-License-Identifier: Apache-2.0
// Where is the centre of differences that scatter symmetrically about it? Wilcoxon's signed-rank
// test and the bounds that belong to it, by the exact null distribution at every n: microseconds
// for 40 differences, milliseconds for 400.
//
// The test counts Walsh averages, those of each two differences and of each with itself: the
// number above c is the sum of the ranks of |d - c| where d > c (Tukey 1949). So p and bound are
// one thing: p at c is at most alpha just where the bound is beyond c, whatever the data.
//
// Ties and zeros: a Walsh average that equals c counts against what the test could show. In ranks:
// of differences as far from c on either side, those that speak for it come first, and a difference
// of c itself has a rank and speaks against it. Errors stay at most alpha (Noether, Wilcoxon
// confidence intervals for location parameters in the discrete case, 1967). Mid-ranks would reject
// a little more often, but then a p of 0.02 may stand beside a bound that does not exclude c.
//
// A difference may be infinite, where an arm failed altogether. The Walsh average of -inf and +inf
// may be anything and counts against, too. REQUIRES everywhere: no NaN.
// Source: Hollander, Wolfe & Chicken, Nonparametric Statistical Methods, 3.1 to 3.3.
#pragma once

#include <optional>
#include <span>

namespace normbench {

// The estimate of the centre: the median of the Walsh averages, one of -inf and +inf taken as 0.
// REQUIRES: not empty.
double HodgesLehmann(std::span<const double> differences);

// p values of "the centre is at most `centre`" and of "at least". 1 where there are no differences.
double SignedRankPGreater(std::span<const double> differences, double centre);
double SignedRankPLess(std::span<const double> differences, double centre);

// One-sided bounds: the centre is below the lower one with a probability of at most `alpha`, and
// likewise above the upper one. Nothing where there are fewer than SignedRankNeeded(alpha). For
// both sides at once give half of alpha. REQUIRES: 0 < alpha < 0.5.
std::optional<double> SignedRankLower(std::span<const double> differences, double alpha);
std::optional<double> SignedRankUpper(std::span<const double> differences, double alpha);

// The smallest number of differences that have bounds. REQUIRES: 0 < alpha < 1.
int SignedRankNeeded(double alpha);

}  // namespace normbench
