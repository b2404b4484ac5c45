// SPDX-License-Identifier: Apache-2.0
#include "bench/load/rate_search.h"

#include <algorithm>
#include <cmath>

namespace normbench {
namespace {

// Rates this near to one that is withdrawn held in the same moments as it did: they are tried anew.
constexpr double kRetreat = 1.25;

double ThreeDigits(double rate) {
  const double unit = std::pow(10, std::floor(std::log10(rate)) - 2);
  // Divided where the unit is below 1: 0.01 is no exact number, 100 is.
  return unit < 1 ? std::round(rate / unit) / std::round(1 / unit) : std::round(rate / unit) * unit;
}

}  // namespace

RateSearch::RateSearch(const RateSearchOptions& options) : options_(options) {}

std::optional<double> RateSearch::Untried() const {
  const double low = options_.lowest, high = options_.highest;
  if (held_.empty() && failed_.empty()) return ThreeDigits(options_.first);
  // The last step is a shorter one, to the end itself: a search that stops before it would call the
  // highest rate what is only the last one tried.
  const double apart = 1 + options_.resolution;
  if (failed_.empty()) {
    const double next = ThreeDigits(std::min(held_.back() * 2, high));
    return next > held_.back() * apart ? std::optional(next) : std::nullopt;
  }
  const double failed = failed_.back();
  if (held_.empty()) {
    const double next = ThreeDigits(std::max(failed / 2, low));
    return next * apart < failed ? std::optional(next) : std::nullopt;
  }
  const double held = held_.back();
  if (failed <= held * apart) return std::nullopt;
  const double middle = ThreeDigits(std::sqrt(held * failed));
  // A resolution finer than three digits ends here.
  return middle > held && middle < failed ? std::optional(middle) : std::nullopt;
}

bool RateSearch::is_second_look() const {
  return !Untried() && !failed_.empty() && failed_twice_ != failed_.back();
}

std::optional<double> RateSearch::Next() const {
  return is_second_look() ? std::optional(failed_.back()) : Untried();
}

void RateSearch::Judge(bool holds) {
  const double tried = *Next();
  const bool second_look = is_second_look();
  if (second_look && holds) failed_.pop_back();
  if (second_look && !holds) failed_twice_ = tried;
  if (!second_look && !holds) failed_.push_back(tried);
  if (holds) held_.push_back(tried);
}

void RateSearch::Withdraw() {
  failed_.push_back(held_.back());
  failed_twice_ = held_.back();
  while (!held_.empty() && held_.back() * kRetreat > failed_.back()) held_.pop_back();
}

}  // namespace normbench
