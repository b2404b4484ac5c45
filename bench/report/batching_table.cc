// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/report/batching_accuracy.h"
#include "bench/report/case_table.h"

namespace normbench {
namespace {

// Per cent with three digits, which must not make a whole of what is not one.
Cell ShareCell(const v1::FormedBatch& formed) {
  if (!formed.has_equal_share()) return {"-", ""};
  const std::string text = FormatNumber(formed.equal_share() * 100);
  return {formed.equal_share() < 1 && text == FormatNumber(100) ? ">99.9" : text, ""};
}

Cell FormedCell(const v1::FormedBatch& formed) {
  return formed.formed_batch() == 0 ? Cell{"?", ""} : CountCell(true, formed.formed_batch());
}

// Columns that tell rows of one block apart where there is more than one case, and what was not
// compared.
struct Extra {
  bool loop = false, not_compared = false;

  explicit Extra(const ResultList& results) {
    for (const v1::CaseResult* result : results) {
      loop |= result->has_open_loop();
      const v1::FormedBatch all = AllFormed(result->batching());
      not_compared |= all.compared() < all.answers();
    }
  }
};

std::vector<Column> Columns(const Extra& extra) {
  std::vector<Column> columns = {{"model", false}, {"request_batch"}};
  if (extra.loop) columns.push_back({"loop", false});
  for (const char* name :
       {"formed", "answers", "bitwise %", "max diff", "beyond rounding", "flips"}) {
    columns.push_back({name});
  }
  if (extra.not_compared) columns.push_back({"not compared"});
  return columns;
}

std::vector<Cell> Row(const v1::CaseResult& result, const v1::FormedBatch& formed,
                      const Extra& extra) {
  std::vector<Cell> row = {{result.model().model(), ""},
                           CountCell(true, result.model().request_batch())};
  if (extra.loop) row.push_back({LoopWords(result.model().load()), ""});
  const bool compared = formed.compared() > 0;
  row.push_back(FormedCell(formed));
  row.push_back(CountCell(true, formed.answers()));
  row.push_back(ShareCell(formed));
  row.push_back(NumberCell(compared, formed.max_abs_difference()));
  row.push_back(CountCell(compared, formed.beyond_tolerance()));
  row.push_back(CountCell(compared, formed.flips()));
  if (extra.not_compared) row.push_back(CountCell(true, formed.answers() - formed.compared()));
  return row;
}

std::vector<std::string> Caption(const ResultList& results) {
  std::vector<std::string> lines = {
      "formed: images that the server ran at once. Their answers against those to each image "
      "alone:",
      "bitwise %: share with equal bits; max diff: of a logit; beyond rounding: answers that "
      "differ by",
      "more than the order of sums explains; flips: answers with another top-1."};
  const auto says = [](const v1::CaseResult* result) {
    return result->batching().baseline() == "one_at_a_time";
  };
  if (std::ranges::any_of(results, says)) {
    lines.emplace_back(
        "The server does not say what it joined (?); alone is one request at a time from here.");
  }
  return lines;
}

}  // namespace

std::optional<Table> BatchingTable(const ResultList& results) {
  ResultList joined;
  std::ranges::copy_if(results, std::back_inserter(joined),
                       [](const v1::CaseResult* result) { return WereJoined(*result); });
  if (joined.empty()) return std::nullopt;
  const Extra extra(joined);
  Table table(Columns(extra));
  for (const v1::CaseResult* result : joined) {
    for (const v1::FormedBatch& formed : result->batching().formed()) {
      table.AddRow(Row(*result, formed, extra));
    }
  }
  table.SetCaption(Caption(joined));
  return table;
}

}  // namespace normbench
