// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/detectable.h"

#include <boost/math/distributions/normal.hpp>
#include <cmath>

namespace normbench {

double DetectableEffect(double margin, double sd, int rounds, double alpha, double power) {
  const boost::math::normal_distribution<double> normal;
  const double z = boost::math::quantile(boost::math::complement(normal, alpha)) +
                   boost::math::quantile(normal, power);
  return std::expm1(std::log1p(margin) + z * 1.25 * sd / std::sqrt(rounds));
}

int RoundsToDetect(double margin, double sd, double effect, double alpha, double power, int most) {
  int low = 1;
  int high = most + 1;
  while (low < high) {
    const int middle = low + (high - low) / 2;
    if (DetectableEffect(margin, sd, middle, alpha, power) <= effect) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace normbench
