// SPDX-License-Identifier: Apache-2.0
// One fully specified measurement: what a sweep expands to and what a key names.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "normbench/v1/measure.pb.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// The alternatives in the order of CaseKind.
using CaseSpec = std::variant<v1::NormCase, v1::ServiceCase, v1::ModelCase, v1::InvarianceCase>;

enum class CaseKind { kKernel, kService, kModel, kInvariance };
inline constexpr std::array kCaseKinds = {CaseKind::kKernel, CaseKind::kService, CaseKind::kModel,
                                          CaseKind::kInvariance};

struct Case {
  std::string key;  // CaseKey(spec): identity, without the budget below
  CaseSpec spec;    // canonical: every default filled in, see Canonical()
  double warmup_seconds = 0;
  double seconds = 0;        // of measuring
  int64_t max_requests = 0;  // ends earlier, after so many; 0: any
  double precision = 0;      // ends earlier, as bench/load/precision_rule.h says; 0: not
  std::vector<std::string> expect;
  uint64_t arrivals_seed = 1;  // of schedules with random times
  int visits = 1;              // that the budget is for, together
};

CaseKind KindOf(const CaseSpec& spec);

// What is normalized; null for a model case.
const v1::NormCase* NormCaseOf(const CaseSpec& spec);
v1::NormCase* MutableNormCase(CaseSpec* spec);

// How the requests come; null for kernel and invariance cases, which have none.
const v1::Load* LoadOf(const CaseSpec& spec);
v1::Load* MutableLoad(CaseSpec* spec);

// kernel | service | model | invariance, as in sweeps and reports; first letters differ.
std::string_view Name(CaseKind kind);

}  // namespace normbench
