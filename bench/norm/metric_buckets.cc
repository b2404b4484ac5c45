// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/metric_buckets.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace normbench {

std::vector<double> GeometricBuckets(double first, double factor, int count) {
  std::vector<double> buckets;
  for (int i = 0; i < count; ++i) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", first * std::pow(factor, i));
    buckets.push_back(std::strtod(text, nullptr));
  }
  return buckets;
}

std::vector<double> RequestBuckets() {
  return GeometricBuckets(25e-6, std::sqrt(2.0), 41);
}

std::vector<double> ComputeBuckets() {
  return GeometricBuckets(1e-6, 2, 23);
}

}  // namespace normbench
