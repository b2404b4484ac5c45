// SPDX-License-Identifier: Apache-2.0
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/report/case_table.h"

namespace normbench {
namespace {

// Columns that most runs do not need.
struct Extra {
  static constexpr int kDataColumn = 2;  // behind n and impl: what is given

  bool data = false, half = false;

  explicit Extra(const ResultList& results) {
    for (const v1::CaseResult* result : results) {
      data |= !result->kernel().data().empty() && result->kernel().data() != "normal";
      half |= result->norm_accuracy().has_misrounded();
    }
  }

  void AddTo(std::vector<Column>* columns) const {
    if (data) columns->insert(columns->begin() + kDataColumn, {"data", false});
    if (half) columns->push_back({"misrounded %"});
  }

  void AddTo(const v1::CaseResult& result, std::vector<Cell>* row) const {
    const v1::NormAccuracy& accuracy = result.norm_accuracy();
    if (data) row->insert(row->begin() + kDataColumn, {result.kernel().data(), ""});
    if (half) row->push_back(NumberCell(accuracy.has_misrounded(), accuracy.misrounded() * 100));
  }
};

std::vector<Cell> Row(const v1::CaseResult& result, const TimeUnit& unit) {
  const v1::LatencySummary& latency = result.latency_all();
  const v1::KernelNumbers& numbers = result.kernel_numbers();
  const v1::NormAccuracy& accuracy = result.norm_accuracy();
  Cell p90 = QuantileCell(latency.p90(), unit);
  p90.tail.clear();  // one interval a row is enough to read; the report has both
  return {TensorNCell(result.kernel()),
          {result.kernel().impl(), ""},
          CountCell(numbers.iterations_per_sample() > 0, numbers.iterations_per_sample()),
          NumberCell(latency.has_min(), latency.min() * unit.per_second),
          QuantileCell(latency.p50(), unit),
          p90,
          NumberCell(numbers.has_effective_bandwidth(), numbers.effective_bandwidth() / 1e9),
          NumberCell(numbers.has_copy_ratio(), numbers.copy_ratio() * 100),
          NumberCell(result.has_norm_accuracy(), accuracy.err_scaled()),
          NumberCell(result.has_norm_accuracy(), accuracy.bound()),
          CountCell(result.has_distinct_outputs(), result.distinct_outputs())};
}

}  // namespace

std::string KernelTitle(const v1::CaseResult& result) {
  v1::NormCase of_any_data = result.kernel();  // data is a column: its errors are compared
  of_any_data.clear_data();
  return absl::StrCat("kernel ", NormWords(of_any_data), " ", result.kernel().cache());
}

Table KernelTable(const ResultList& results) {
  const TimeUnit unit = UnitOf(results);
  std::vector<Column> columns = {{"n"},
                                 {"impl", false},
                                 {"iters"},
                                 {"min"},
                                 {absl::StrCat("p50 ", unit.name, " [95% CI]")},
                                 {"p90"},
                                 {"GB/s"},
                                 {"%copy"},
                                 {"err_scaled"},
                                 {"bound"},
                                 {"outputs"}};
  const Extra extra(results);
  extra.AddTo(&columns);
  Table table(columns);
  for (const v1::CaseResult* result : results) {
    std::vector<Cell> row = Row(*result, unit);
    extra.AddTo(*result, &row);
    table.AddRow(std::move(row));
  }
  return table;
}

}  // namespace normbench
