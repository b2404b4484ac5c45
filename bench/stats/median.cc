// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/median.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace normbench {

double Midpoint(double a, double b, double opposite) {
  const double midpoint = std::midpoint(a, b);
  return std::isnan(midpoint) ? opposite : midpoint;
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return Midpoint(*std::max_element(values.begin(), middle), *middle, 0);
}

}  // namespace normbench
