// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/welch.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace normbench {
namespace {

// Of a scatter of nothing: any limit is infinitely far away, or it is the estimate itself.
constexpr double kLeastError = 1e-12;

double Square(double x) {
  return x * x;
}

MeanOfFew OfAsMany(const MeanOfFew& mean, int n) {
  return {mean.mean, mean.standard_error * std::sqrt(static_cast<double>(mean.n) / n), n};
}

}  // namespace

MeanOfFew MeanFromInterval(double mean, double low, double high, double confidence, int n) {
  const boost::math::students_t distribution(n - 1);
  const double t = boost::math::quantile(distribution, (1 + confidence) / 2);
  return {mean, (high - low) / 2 / t, n};
}

MeanDifference Welch(const MeanOfFew& a, const MeanOfFew& b) {
  const double in_a = Square(std::max(a.standard_error, kLeastError));
  const double in_b = Square(std::max(b.standard_error, kLeastError));
  return {.estimate = b.mean - a.mean,
          .standard_error = std::sqrt(in_a + in_b),
          .degrees = Square(in_a + in_b) / (Square(in_a) / (a.n - 1) + Square(in_b) / (b.n - 1))};
}

double MeanDifference::Bound(double p) const {
  const boost::math::students_t distribution(degrees);
  return estimate + standard_error * boost::math::quantile(distribution, p);
}

double MeanDifference::PLess(double limit) const {
  const boost::math::students_t distribution(degrees);
  return boost::math::cdf(distribution, (estimate - limit) / standard_error);
}

double MeanDifference::PGreater(double limit) const {
  const boost::math::students_t distribution(degrees);
  return boost::math::cdf(distribution, (limit - estimate) / standard_error);
}

double MeanDifference::Detectable(double limit, double alpha, double power) const {
  const boost::math::students_t distribution(degrees);
  return limit +
         standard_error * (boost::math::quantile(boost::math::complement(distribution, alpha)) +
                           boost::math::quantile(distribution, power));
}

double PairDeviation(const MeanOfFew& a, const MeanOfFew& b) {
  return std::sqrt(a.n * Square(a.standard_error) + b.n * Square(b.standard_error));
}

int ValuesToDetect(const MeanOfFew& a, const MeanOfFew& b, const DetectionAim& aim, int most) {
  int low = 2;
  int high = most + 1;
  while (low < high) {
    const int middle = low + (high - low) / 2;
    const MeanDifference difference = Welch(OfAsMany(a, middle), OfAsMany(b, middle));
    if (difference.Detectable(aim.limit, aim.alpha, aim.power) <= aim.effect) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace normbench
