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
};

// b - a. REQUIRES: both n >= 2.
MeanDifference Welch(const MeanOfFew& a, const MeanOfFew& b);

}  // namespace normbench
