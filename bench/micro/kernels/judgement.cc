// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/judgement.h"

namespace normbench {

bool IsNative(const ContenderResult& row) {
  return row.contender.starts_with("native");
}

std::string VerdictOf(const ContenderResult& row, const BenchOptions& options) {
  if (!options.target || !row.over_torch || !IsNative(row)) return "";
  return JudgeRatio(*row.over_torch, Better::kHigher, *options.target);
}

std::string CorrectnessOf(const ContenderResult& row) {
  if (!row.verification) return "";
  return row.verification->right() ? "ok" : "FAIL";
}

int ExitCodeOf(const std::vector<CaseResult>& results, const BenchOptions& options) {
  bool failed = false, missed = false;
  for (const CaseResult& result : results) {
    for (const ContenderResult& row : result.contenders) {
      failed |= IsNative(row) && CorrectnessOf(row) == "FAIL";
      missed |= VerdictOf(row, options) == "missed";
    }
  }
  if (failed) return 4;
  return missed ? 3 : 0;
}

}  // namespace normbench
