// SPDX-License-Identifier: Apache-2.0
// The numbers of a case result that an expectation can name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/report/case.h"

namespace normbench {

enum class MetricUnit { kSeconds, kPerSecond, kRatio, kCount, kNumber };

struct Observation {
  std::optional<double> value;  // may be +inf: more requests failed than the quantile allows
  std::string why_not;          // where there is no value
};

struct Metric {
  std::string_view name;
  MetricUnit unit;
  bool accuracy;           // a miss is exit 4, else 3
  std::string_view kinds;  // first letters of the case kinds that have it: k, s, m, i
  Observation (*observe)(const v1::CaseResult& result);

  bool AppliesTo(CaseKind kind) const {
    return kinds.find(Name(kind).front()) != std::string_view::npos;
  }
};

// Null for an unknown name.
const Metric* FindMetric(std::string_view name);

std::vector<std::string> MetricNames();

// "4.10 ms", "0.797", "2".
std::string FormatMetric(const Metric& metric, double value);

}  // namespace normbench
