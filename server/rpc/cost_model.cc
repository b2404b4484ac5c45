// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/cost_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace normbench {
namespace {

constexpr double kWeight = 0.2;          // of the newest measurement
constexpr double kFixedGuess = 5e-6;     // seconds a piece of work
constexpr double kElementGuess = 20e-9;  // seconds an element: fp64 plain loops, cold
constexpr double kTrustedGap = 64;       // a rate holds for work up to so many times as large

size_t Size(int64_t elements) {
  const int width = std::bit_width(static_cast<uint64_t>(elements < 1 ? 1 : elements));
  return static_cast<size_t>(width > 32 ? 31 : width - 1);
}

}  // namespace

double CostModel::Estimate(std::string_view kind, int64_t elements) const {
  const auto n = static_cast<double>(elements);
  const absl::MutexLock lock(&mutex_);
  const auto found = rates_.find(kind);
  if (found == rates_.end()) return kFixedGuess + kElementGuess * n;
  // A smaller size carries more fixed cost an element, so its rate errs to the safe side, but over
  // a wide gap it would turn the overhead of 72 elements into minutes for 20 million; a larger one
  // does not, so work of this size then gets the fixed part on top.
  for (size_t size = Size(elements) + 1; size-- > 0;) {
    const double rate = found->second[size];
    const double seconds = std::ldexp(rate, static_cast<int>(size));
    if (rate > 0) return std::min(rate * n, kTrustedGap * seconds + kElementGuess * n);
  }
  for (size_t size = Size(elements) + 1; size < found->second.size(); ++size) {
    if (found->second[size] > 0) return kFixedGuess + found->second[size] * n;
  }
  return kFixedGuess + kElementGuess * n;
}

void CostModel::Learn(std::string_view kind, int64_t elements, double seconds) {
  const double rate = seconds / static_cast<double>(elements);
  const absl::MutexLock lock(&mutex_);
  auto found = rates_.find(kind);
  if (found == rates_.end()) found = rates_.emplace(std::string(kind), Rates{}).first;
  double& known = found->second[Size(elements)];
  known = known > 0 ? known + kWeight * (rate - known) : rate;
}

}  // namespace normbench
