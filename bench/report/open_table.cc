// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bench/report/case_table.h"
#include "bench/report/find_max.h"

namespace normbench {
namespace {

// "poisson:200/s"; shares and traces say themselves what they are.
std::string ArrivalWords(const std::string& arrivals) {
  const bool in_requests = absl::StartsWith(arrivals, "constant:") ||
                           absl::StartsWith(arrivals, "poisson:") ||
                           absl::StartsWith(arrivals, "step:");
  return absl::StrCat(arrivals, in_requests && !absl::EndsWith(arrivals, "%") ? "/s" : "");
}

const v1::Load& LoadOf(const v1::CaseResult& result) {
  return result.has_model() ? result.model().load() : result.service().load();
}

// What is asked, and how right the answers are; service and model cases never share a table.
std::vector<Column> FirstColumns(bool model) {
  if (model) return {{"model", false}, {"request_batch"}};
  return {{"n"}, {"impl", false}};
}

std::vector<Cell> FirstCells(const v1::CaseResult& result) {
  if (result.has_model()) {
    return {{result.model().model(), ""}, CountCell(true, result.model().request_batch())};
  }
  const v1::NormCase& norm_case = result.service().norm_case();
  return {TensorNCell(norm_case), {norm_case.impl(), ""}};
}

Cell AccuracyCell(const v1::CaseResult& result) {
  if (!result.has_model()) {
    return NumberCell(result.has_norm_accuracy(), result.norm_accuracy().err_scaled());
  }
  return NumberCell(result.model_accuracy().has_top1(), result.model_accuracy().top1() * 100);
}

// Columns that most runs do not need.
struct Extra {
  bool errors = false, dropped = false, goodput = false;

  explicit Extra(const ResultList& results) : errors(AnyErrors(results)) {
    for (const v1::CaseResult* result : results) {
      dropped |= result->open_loop().dropped() > 0;
      goodput |= result->has_goodput_per_s();
    }
  }

  void AddTo(std::vector<Column>* columns) const {
    if (goodput) columns->push_back({"good/s"});
    if (dropped) columns->push_back({"dropped"});
    if (errors) columns->push_back({"errors"});
  }

  void AddTo(const v1::CaseResult& result, std::vector<Cell>* row) const {
    if (goodput) row->push_back(NumberCell(result.has_goodput_per_s(), result.goodput_per_s()));
    if (dropped) row->push_back(CountCell(true, result.open_loop().dropped()));
    if (errors) row->push_back(CountCell(true, result.errors()));
  }
};

std::vector<Cell> Row(const v1::CaseResult& result, const TimeUnit& unit) {
  const v1::OpenLoop& open = result.open_loop();
  std::vector<Cell> row = FirstCells(result);
  row.push_back({LoopWords(LoadOf(result)), ""});
  row.push_back(NumberCell(open.has_offered_per_s(), open.offered_per_s()));
  row.push_back(NumberCell(result.has_requests_per_s(), result.requests_per_s()));
  row.push_back(QuantileCell(result.latency_all().p50(), unit));
  row.push_back(QuantileCell(result.latency_all().p99(), unit));
  row.push_back(QuantileCell(open.latency_sent().p99(), unit));
  row.push_back({QuantileCell(open.send_lag().p99(), unit).text, ""});
  row.push_back(AccuracyCell(result));
  return row;
}

}  // namespace

std::string LoopWords(const v1::Load& load) {
  std::string words =
      load.arrivals().empty() ? "closed" : absl::StrCat("open ", ArrivalWords(load.arrivals()));
  if (load.late() == "drop") absl::StrAppend(&words, ", drop");
  if (load.deadline_seconds() > 0) {
    absl::StrAppend(&words, ", deadline ", FormatSeconds(load.deadline_seconds()));
  }
  if (load.channels() > 1) absl::StrAppend(&words, ", ", load.channels(), " channels");
  return words;
}

Table OpenTable(const ResultList& results) {
  const TimeUnit unit = UnitOf(results);
  const bool model = results.front()->has_model();
  const Extra extra(results);
  std::vector<Column> columns = FirstColumns(model);
  for (const Column& column : std::vector<Column>{{"loop", false},
                                                  {"offered/s"},
                                                  {"req/s"},
                                                  {absl::StrCat("p50 ", unit.name, " [95% CI]")},
                                                  {absl::StrCat("p99 ", unit.name, " [95% CI]")},
                                                  {"p99 sent"},
                                                  {"p99 lag"},
                                                  {model ? "top-1 %" : "err_scaled"}}) {
    columns.push_back(column);
  }
  extra.AddTo(&columns);
  Table table(columns);
  for (const v1::CaseResult* result : results) {
    std::vector<Cell> row = Row(*result, unit);
    extra.AddTo(*result, &row);
    table.AddRow(std::move(row));
  }
  std::vector<std::string> caption = {
      "p50 and p99 count from the scheduled send, p99 sent from the actual one."};
  for (const v1::CaseResult* result : results) {
    if (result->has_find_max()) caption.push_back("find-max " + FoundWords(result->find_max()));
  }
  table.SetCaption(std::move(caption));
  return table;
}

}  // namespace normbench
