// SPDX-License-Identifier: Apache-2.0
// One fully specified measurement: what a sweep expands to and what a key names.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "normbench/v1/benchmark.pb.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// The alternatives in the order of CaseKind.
using CaseSpec = std::variant<v1::NormCase, v1::ServiceCase, v1::ModelCase>;

enum class CaseKind { kKernel, kService, kModel };

struct Case {
  std::string key;  // CaseKey(spec): identity, without the budget below
  CaseSpec spec;    // canonical: every default filled in, see Canonical()
  double warmup_seconds = 0;
  double seconds = 0;  // of measuring
  std::vector<std::string> expect;
};

CaseKind KindOf(const CaseSpec& spec);

// kernel | service | model, as in sweeps and reports.
std::string_view Name(CaseKind kind);

}  // namespace normbench
