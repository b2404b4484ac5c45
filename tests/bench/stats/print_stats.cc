// SPDX-License-Identifier: Apache-2.0
// What bench/stats makes of numbers, for scipy_check.py. Each line of the input is the name of a
// function, its parameters and, after a colon, its values; a line of the output has the results.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "bench/stats/clopper_pearson.h"
#include "bench/stats/detectable.h"
#include "bench/stats/holm.h"
#include "bench/stats/signed_rank.h"
#include "bench/stats/spread.h"
#include "bench/stats/tost.h"

namespace normbench {
namespace {

using Values = std::vector<double>;

Values Numbers(std::istream& words) {
  Values numbers;
  for (std::string word; words >> word;) numbers.push_back(std::strtod(word.c_str(), nullptr));
  return numbers;
}

Values Bound(std::optional<double> bound) {
  return bound ? Values{*bound} : Values{};
}

Values Call(std::string_view name, const Values& parameters, const Values& values) {
  if (name == "hodges_lehmann") return {HodgesLehmann(values)};
  if (name == "greater") return {SignedRankPGreater(values, parameters[0])};
  if (name == "less") return {SignedRankPLess(values, parameters[0])};
  if (name == "lower") return Bound(SignedRankLower(values, parameters[0]));
  if (name == "upper") return Bound(SignedRankUpper(values, parameters[0]));
  if (name == "tost") return {TostP(values, parameters[0], parameters[1])};
  if (name == "holm") return HolmAdjust(values);
  if (name == "deviations") return {StandardDeviation(values), RobustDeviation(values)};
  if (name == "detectable") {
    return {DetectableEffect(parameters[0], parameters[1], static_cast<int>(parameters[2]),
                             parameters[3], parameters[4])};
  }
  if (name == "clopper_pearson") {
    const Interval interval = ClopperPearson(static_cast<int64_t>(parameters[0]),
                                             static_cast<int64_t>(parameters[1]), parameters[2]);
    return {interval.low, interval.high};
  }
  return {std::numeric_limits<double>::quiet_NaN()};
}

}  // namespace
}  // namespace normbench

int main() {
  for (std::string call, values;
       std::getline(std::cin, call, ':') && std::getline(std::cin, values);) {
    std::istringstream call_words(call);
    std::istringstream value_words(values);
    std::string name;
    call_words >> name;
    const normbench::Values parameters = normbench::Numbers(call_words);
    for (const double result : normbench::Call(name, parameters, normbench::Numbers(value_words))) {
      std::printf("%.17g ", result);
    }
    std::printf("\n");
  }
}
