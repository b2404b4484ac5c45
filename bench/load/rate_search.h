// SPDX-License-Identifier: Apache-2.0
// Which rate to try next where the highest one is wanted that still holds: doubling, or halving
// where the first one fails, then bisection between the highest that held and the lowest that did
// not, by ratios; both ends are tried themselves. In the end the lowest that did not hold is tried
// a second time: one disturbance there would have kept the search below it, and where it holds now
// the search goes on upwards. Rates have three digits, so that a search and its result can be
// repeated by hand.
#pragma once

#include <optional>
#include <vector>

namespace normbench {

struct RateSearchOptions {
  double first = 1;
  double lowest = 0.01;      // not tried below, but for the rounding to three digits
  double highest = 1e6;      // not tried above, likewise
  double resolution = 0.05;  // ends when the next rate to try is at most so much higher
};

// Pure: neither sends nor reads a clock. REQUIRES: 0 < lowest <= first <= highest, resolution > 0.
class RateSearch {
 public:
  explicit RateSearch(const RateSearchOptions& options);

  // Nothing: the search is over.
  std::optional<double> Next() const;

  // Says how the rate went that Next gave. REQUIRES: Next() gave one.
  void Judge(bool holds);

  // Whether the rate that Next gives failed before.
  bool is_second_look() const;

  // The highest rate that held.
  std::optional<double> best() const {
    return held_.empty() ? std::nullopt : std::optional(held_.back());
  }

  // Says that the best rate has failed after all, for good: the search goes on below it, and trusts
  // none any more that held within a fifth below it. REQUIRES: best() is one, Next() gave nothing.
  void Withdraw();

 private:
  // Between what held and what failed; nothing where they are close enough.
  std::optional<double> Untried() const;

  const RateSearchOptions options_;
  std::vector<double> held_;            // ascending
  std::vector<double> failed_;          // descending
  std::optional<double> failed_twice_;  // the lowest of these, if it was tried again
};

}  // namespace normbench
