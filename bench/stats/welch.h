// SPDX-License-Identifier: Apache-2.0
// The difference of two means of few values each, with variances of their own: Welch's t (1947).
#pragma once

namespace normbench {

struct MeanOfFew {
  double mean = 0;
  double standard_error = 0;
  int n = 0;  // values that it is the mean of
};

// Back from a two-sided interval of Student's t around it. REQUIRES: n >= 2, low <= high, 0 <
// confidence < 1.
MeanOfFew MeanFromInterval(double mean, double low, double high, double confidence, int n);

struct MeanDifference {
  double estimate = 0;
  double standard_error = 0;
  double degrees = 1;  // of freedom, by Welch and Satterthwaite

  // The one-sided bound that the true difference is below with probability `p`.
  double Bound(double p) const;
  // p values of "the difference is at most `limit`" and of "at least".
  double PGreater(double limit) const;
  double PLess(double limit) const;
  // The smallest true difference that PGreater(limit) <= alpha finds with `power`, were the errors
  // what they look like; t quantiles in place of a noncentral t's, which is a little less.
  double Detectable(double limit, double alpha, double power) const;
};

// b - a. REQUIRES: both n >= 2.
MeanDifference Welch(const MeanOfFew& a, const MeanOfFew& b);

// The standard deviation of a difference of one value of each side.
double PairDeviation(const MeanOfFew& a, const MeanOfFew& b);

struct DetectionAim {
  double limit = 0;   // of PGreater
  double effect = 0;  // a true difference that is to be found, above `limit`
  double alpha = 0.05;
  double power = 0.8;
};

// How many values a side it would take, were they as these are, for Detectable() <= effect; most +
// 1 where even `most` are too few. REQUIRES: both n >= 2, most >= 2, alpha < 0.5 < power.
int ValuesToDetect(const MeanOfFew& a, const MeanOfFew& b, const DetectionAim& aim, int most);

}  // namespace normbench
