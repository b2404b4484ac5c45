// SPDX-License-Identifier: Apache-2.0
#include "server/measure/tally.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "bench/norm/words.h"

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<float> Values(TensorFormat format, const Shape& shape, std::span<const std::byte> y) {
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  Unpack(format, shape, y.data(), values);
  return values;
}

double Distance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  return std::isfinite(a) && std::isfinite(b) ? std::abs(a - b) : kInfinity;
}

}  // namespace

Difference DifferenceOf(TensorFormat format, const Shape& shape, std::span<const std::byte> a,
                        std::span<const std::byte> b, double rms) {
  if (std::memcmp(a.data(), b.data(), b.size()) == 0) return {};
  Difference difference{.equal = false};
  const std::vector<float> left = Values(format, shape, a), right = Values(format, shape, b);
  const double unit = UnitRoundoff(format.dtype);
  for (size_t i = 0; i < right.size(); ++i) {
    const double distance = Distance(left[i], right[i]);
    if (distance == 0) continue;
    const double size = std::isfinite(right[i]) ? std::abs(static_cast<double>(right[i])) : 0;
    difference.max_abs = std::max(difference.max_abs, distance);
    difference.max_scaled =
        std::max(difference.max_scaled, distance / (unit * std::max(size, rms)));
  }
  return difference;
}

double RmsOf(TensorFormat format, const Shape& shape, std::span<const std::byte> y) {
  double sum = 0, count = 0;
  for (const double value : Values(format, shape, y)) {
    if (!std::isfinite(value)) continue;
    sum += value * value;
    ++count;
  }
  return count > 0 ? std::sqrt(sum / count) : 0;
}

void Tally::Add(int n, const Difference& difference) {
  ++comparisons;
  equal += difference.equal ? 1 : 0;
  max_abs = std::max(max_abs, difference.max_abs);
  max_scaled = std::max(max_scaled, difference.max_scaled);
  if (!difference.equal) first_failing_n = std::min(n, first_failing_n.value_or(n));
}

}  // namespace normbench
