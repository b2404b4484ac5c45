// SPDX-License-Identifier: Apache-2.0
// Observations of a histogram, collected without its lock.
#pragma once

#include <utility>
#include <vector>

#include "prometheus/histogram.h"

namespace normbench {

class Bucketed {
 public:
  // `edges`: those of the histogram, ascending.
  explicit Bucketed(std::vector<double> edges)
      : edges_(std::move(edges)), counts_(edges_.size() + 1) {}

  // A bucket holds its upper edge, as Prometheus' le says.
  void Add(double value);

  // Adds all to `histogram` and forgets it.
  void MoveTo(prometheus::Histogram& histogram);

 private:
  std::vector<double> edges_;
  std::vector<double> counts_;
  double sum_ = 0;
};

}  // namespace normbench
