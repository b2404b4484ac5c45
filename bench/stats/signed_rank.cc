// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/signed_rank.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "bench/stats/median.h"

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

size_t Pairs(size_t n) {
  return n * (n + 1) / 2;
}

// `opposite` is that of -inf and +inf.
std::vector<double> WalshAverages(std::span<const double> differences, double opposite) {
  std::vector<double> averages;
  averages.reserve(Pairs(differences.size()));
  for (size_t i = 0; i < differences.size(); ++i) {
    for (size_t j = i; j < differences.size(); ++j) {
      averages.push_back(Midpoint(differences[i], differences[j], opposite));
    }
  }
  return averages;
}

// P(sum <= s) for s = 0 .. most, where each of the ranks 1 .. n is in the sum or not by a fair
// coin: with rank r there, P_r(s) = (P_{r-1}(s) + P_{r-1}(s - r)) / 2. Sums of positive numbers
// only: relative errors stay at n roundings.
std::vector<double> AtMost(size_t n, size_t most) {
  std::vector<double> at_most(most + 1, 1.0);
  for (size_t rank = 1; rank <= n; ++rank) {
    for (size_t sum = most; sum >= rank; --sum) {
      at_most[sum] = (at_most[sum] + at_most[sum - rank]) / 2;
    }
    for (size_t sum = 0; sum < std::min(rank, most + 1); ++sum) at_most[sum] /= 2;
  }
  return at_most;
}

std::vector<double> Negated(std::span<const double> differences) {
  std::vector<double> negated(differences.begin(), differences.end());
  for (double& difference : negated) difference = -difference;
  return negated;
}

}  // namespace

double HodgesLehmann(std::span<const double> differences) {
  return Median(WalshAverages(differences, 0));
}

double SignedRankPGreater(std::span<const double> differences, double centre) {
  const std::vector<double> averages = WalshAverages(differences, -kInfinity);
  const auto against = std::count_if(averages.begin(), averages.end(),
                                     [centre](double average) { return average <= centre; });
  return AtMost(differences.size(), static_cast<size_t>(against)).back();
}

double SignedRankPLess(std::span<const double> differences, double centre) {
  return SignedRankPGreater(Negated(differences), -centre);
}

std::optional<double> SignedRankLower(std::span<const double> differences, double alpha) {
  const size_t n = differences.size();
  // Half of the sums: the other half has more than any alpha.
  const std::vector<double> at_most = AtMost(n, Pairs(n) / 2);
  const auto unlikely = std::upper_bound(at_most.begin(), at_most.end(), alpha) - at_most.begin();
  if (unlikely == 0) return std::nullopt;
  std::vector<double> averages = WalshAverages(differences, -kInfinity);
  const auto bound = averages.begin() + unlikely - 1;
  std::nth_element(averages.begin(), bound, averages.end());
  return *bound;
}

std::optional<double> SignedRankUpper(std::span<const double> differences, double alpha) {
  const auto lower = SignedRankLower(Negated(differences), alpha);
  if (!lower) return std::nullopt;
  return -*lower;
}

// The smallest p is that of all on one side.
int SignedRankNeeded(double alpha) {
  int n = 1;
  for (double p = 0.5; p > alpha; p /= 2) ++n;
  return n;
}

}  // namespace normbench
