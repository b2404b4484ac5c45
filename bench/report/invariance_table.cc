// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/report/case_table.h"

namespace normbench {
namespace {

// "360/386", or "-" where nothing was compared.
Cell TallyCell(const v1::InvarianceTally& tally) {
  if (tally.comparisons() == 0) return {"-", ""};
  return {absl::StrCat(tally.equal(), "/", tally.comparisons()), ""};
}

std::vector<Cell> Row(const v1::CaseResult& result) {
  const v1::NormCase& norm_case = result.invariance().norm_case();
  const v1::InvarianceNumbers& numbers = result.invariance_numbers();
  const v1::InvarianceTally& all = numbers.all();
  return {{norm_case.impl(), ""},
          {norm_case.dtype(), ""},
          {norm_case.layout(), ""},
          TallyCell(all),
          NumberCell(true, all.max_abs()),
          NumberCell(true, all.max_scaled()),
          CountCell(all.has_first_failing_n(), all.first_failing_n()),
          TallyCell(numbers.batch()),
          TallyCell(numbers.threads()),
          TallyCell(numbers.neighbours()),
          TallyCell(numbers.alignment())};
}

}  // namespace

std::string InvarianceTitle(const v1::CaseResult& result) {
  const v1::InvarianceCase& spec = result.invariance();
  return absl::StrCat("invariance ", spec.norm_case().spec().norm(), DetailWords(spec.norm_case()),
                      "   n ", absl::StrJoin(spec.batch_sizes(), " "), ", threads ",
                      absl::StrJoin(spec.threads(), " "));
}

Table InvarianceTable(const ResultList& results) {
  Table table({{"impl", false},
               {"dtype", false},
               {"layout", false},
               {"equal"},
               {"max diff"},
               {"scaled"},
               {"first n"},
               {"batch"},
               {"threads"},
               {"neighbours"},
               {"alignment"}});
  for (const v1::CaseResult* result : results) table.AddRow(Row(*result));
  return table;
}

}  // namespace normbench
