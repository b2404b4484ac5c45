// SPDX-License-Identifier: Apache-2.0
#include "bench/report/case_result.h"
#include "bench/report/expect.h"
#include "bench/report/summarize.h"
#include "bench/report/warnings.h"

namespace normbench {

v1::CaseResult SummarizeInvariance(const Case& c, const v1::InvarianceResult& found) {
  v1::CaseResult result = NewCaseResult(c);
  *result.mutable_invariance() = found.invariance_case();
  *result.mutable_invariance_numbers() = found.numbers();
  result.set_status("ok");
  result.set_measured_seconds(found.seconds());
  const v1::InvarianceTally& all = found.numbers().all();
  if (all.equal() < all.comparisons()) AddWarning(warning::kNotInvariant, &result);
  JudgeAll(c.expect, &result);
  return result;
}

}  // namespace normbench
