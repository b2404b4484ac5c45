// SPDX-License-Identifier: Apache-2.0
#include "bench/load/rate_search.h"

#include <algorithm>
#include <cmath>

namespace normbench {
namespace {

double ThreeDigits(double rate) {
  const double unit = std::pow(10, std::floor(std::log10(rate)) - 2);
  // Divided where the unit is below 1: 0.01 is no exact number, 100 is.
  return unit < 1 ? std::round(rate / unit) / std::round(1 / unit) : std::round(rate / unit) * unit;
}

}  // namespace

RateSearch::RateSearch(const RateSearchOptions& options) : options_(options) {}

std::optional<double> RateSearch::Next() const {
  const double low = options_.lowest, high = options_.highest;
  if (!held_ && !failed_) return ThreeDigits(options_.first);
  // The last step is a shorter one, to the end itself: a search that stops before it would call the
  // highest rate what is only the last one tried.
  const double apart = 1 + options_.resolution;
  if (!failed_) {
    const double next = ThreeDigits(std::min(*held_ * 2, high));
    return next > *held_ * apart ? std::optional(next) : std::nullopt;
  }
  if (!held_) {
    const double next = ThreeDigits(std::max(*failed_ / 2, low));
    return next * apart < *failed_ ? std::optional(next) : std::nullopt;
  }
  if (*failed_ <= *held_ * apart) return std::nullopt;
  const double middle = ThreeDigits(std::sqrt(*held_ * *failed_));
  // A resolution finer than three digits ends here.
  return middle > *held_ && middle < *failed_ ? std::optional(middle) : std::nullopt;
}

void RateSearch::Judge(bool holds) {
  const std::optional<double> tried = Next();
  (holds ? held_ : failed_) = tried;
}

}  // namespace normbench
