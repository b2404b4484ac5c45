// SPDX-License-Identifier: Apache-2.0
#include "bench/report/schema.h"

#include "absl/strings/str_cat.h"
#include "bench/report/json.h"
#include "bench/report/json_schema.h"
#include "bench/report/sweep_file.h"
#include "normbench/v1/report.pb.h"
#include "normbench/v1/sweep.pb.h"

namespace normbench {
namespace {

// What a sweep cannot do without and what every reader of a report may rely on. Not what came
// later: an older report stays valid.
SchemaOptions Options(const std::string& title) {
  return {
      .title = title,
      .required = {{"Sweep", {"version", "name"}},
                   {"KernelSweep", {"norm", "shape"}},
                   {"ServiceSweep", {"norm", "shape"}},
                   {"InvarianceSweep", {"norm", "shape"}},
                   {"ModelSweep", {"model"}},
                   {"KeyedSweep", {"key"}},
                   {"Report",
                    {"schema_version", "run_id", "started", "outcome", "sweep", "cases", "warnings",
                     "exit_code"}},
                   {"CaseResult",
                    {"key", "kind", "status", "requests", "errors", "expectations", "warnings"}},
                   {"Expectation", {"text", "holds", "observed"}},
                   {"Warning", {"code", "text"}}},
      .versions = {{"Report.schema_version", kReportVersion}, {"Sweep.version", kSweepVersion}}};
}

}  // namespace

std::string ReportSchema() {
  return JsonSchema(*v1::Report::descriptor(),
                    Options(absl::StrCat("normbench report, schema_version ", kReportVersion)));
}

std::string SweepSchema() {
  return JsonSchema(*v1::Sweep::descriptor(),
                    Options(absl::StrCat("normbench sweep, version ", kSweepVersion)));
}

}  // namespace normbench
