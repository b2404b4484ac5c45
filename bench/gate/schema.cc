// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/schema.h"

#include "absl/strings/str_cat.h"
#include "bench/gate/comparison_text.h"
#include "bench/gate/policy.h"
#include "bench/report/json_schema.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {
namespace {

SchemaOptions Options(const std::string& title) {
  return {.title = title,
          .required = {{"Policy", {"version", "name", "cells"}},
                       {"KeyedSweep", {"key"}},
                       {"GatedMetric", {"metric", "margin"}},
                       {"Comparison",
                        {"schema_version", "run_id", "started", "policy", "outcome", "rounds",
                         "cells", "accuracy", "verdict", "why", "exit_code"}},
                       {"CellVerdict", {"key", "metric", "margin", "verdict"}}},
          .versions = {{"Policy.version", kPolicyVersion},
                       {"Comparison.schema_version", kComparisonVersion}}};
}

}  // namespace

std::string PolicySchema() {
  return JsonSchema(*v1::Policy::descriptor(),
                    Options(absl::StrCat("normbench gate policy, version ", kPolicyVersion)));
}

std::string ComparisonSchema() {
  return JsonSchema(
      *v1::Comparison::descriptor(),
      Options(absl::StrCat("normbench comparison, schema_version ", kComparisonVersion)));
}

}  // namespace normbench
