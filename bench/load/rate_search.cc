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
  if (!failed_) {
    return *held_ * 2 <= high ? std::optional(ThreeDigits(*held_ * 2)) : std::nullopt;
  }
  if (!held_) return *failed_ / 2 >= low ? std::optional(ThreeDigits(*failed_ / 2)) : std::nullopt;
  if (*failed_ <= *held_ * (1 + options_.resolution)) return std::nullopt;
  const double middle = ThreeDigits(std::sqrt(*held_ * *failed_));
  // A resolution finer than three digits ends here.
  return middle > *held_ && middle < *failed_ ? std::optional(middle) : std::nullopt;
}

void RateSearch::Judge(bool holds) {
  const std::optional<double> tried = Next();
  (holds ? held_ : failed_) = tried;
}

}  // namespace normbench
