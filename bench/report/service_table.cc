// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "bench/report/case_table.h"

namespace normbench {
namespace {

std::vector<Cell> Row(const v1::CaseResult& result, const TimeUnit& unit) {
  const v1::NormCase& norm_case = result.service().norm_case();
  const v1::NormAccuracy& accuracy = result.norm_accuracy();
  return {TensorNCell(norm_case),
          {norm_case.impl(), ""},
          CountCell(true, result.service().in_flight()),
          NumberCell(result.has_requests_per_s(), result.requests_per_s()),
          NumberCell(result.has_samples_per_s(), result.samples_per_s()),
          QuantileCell(result.latency_all().p50(), unit),
          QuantileCell(result.latency_all().p99(), unit),
          NumberCell(result.has_norm_accuracy(), accuracy.err_scaled()),
          NumberCell(result.has_norm_accuracy(), accuracy.bound()),
          OutputsCell(result)};
}

}  // namespace

std::string ServiceTitle(const v1::CaseResult& result) {
  return absl::StrCat("service ", NormWords(result.service().norm_case()), "   ",
                      result.has_open_loop() ? "open" : LoopWords(result.service().load()));
}

Table ServiceTable(const ResultList& results) {
  if (results.front()->has_open_loop()) return OpenTable(results);
  const TimeUnit unit = UnitOf(results);
  std::vector<Column> columns = {{"n"},
                                 {"impl", false},
                                 {"in_flight"},
                                 {"req/s"},
                                 {"samples/s"},
                                 {absl::StrCat("p50 ", unit.name, " [95% CI]")},
                                 {absl::StrCat("p99 ", unit.name, " [95% CI]")},
                                 {"err_scaled"},
                                 {"bound"},
                                 {"outputs"}};
  const bool errors = AnyErrors(results);
  if (errors) columns.push_back({"errors"});
  Table table(columns);
  for (const v1::CaseResult* result : results) {
    std::vector<Cell> row = Row(*result, unit);
    if (errors) row.push_back(CountCell(true, result->errors()));
    table.AddRow(std::move(row));
  }
  return table;
}

}  // namespace normbench
