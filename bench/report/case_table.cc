// SPDX-License-Identifier: Apache-2.0
#include "bench/report/case_table.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/load/outputs.h"
#include "bench/report/canonical.h"

namespace normbench {
namespace {

// The shape without N, which is a column.
std::string SampleShape(const v1::NormCase& norm_case) {
  if (norm_case.shape().empty()) return "";
  return absl::StrJoin(norm_case.shape().begin() + 1, norm_case.shape().end(), "x");
}

}  // namespace

std::string NormWords(const v1::NormCase& norm_case) {
  return absl::StrCat(norm_case.spec().norm(), " ", norm_case.dtype(), " ", norm_case.layout(),
                      DetailWords(norm_case));
}

std::string DetailWords(const v1::NormCase& norm_case) {
  const v1::NormSpec& spec = norm_case.spec();
  std::string words = absl::StrCat(" ", SampleShape(norm_case));
  if (spec.groups() > 0 && spec.norm() == "group") absl::StrAppend(&words, " g=", spec.groups());
  if (!spec.stats().empty()) absl::StrAppend(&words, " stats=", spec.stats());
  if (!spec.affine().empty() && spec.affine() != "channel") {
    absl::StrAppend(&words, " affine=", spec.affine());
  }
  if (spec.trailing() > 0) absl::StrAppend(&words, " trailing=", spec.trailing());
  if (spec.has_eps() && spec.eps() != kDefaultEps) absl::StrAppend(&words, " eps=", spec.eps());
  if (!norm_case.data().empty() && norm_case.data() != "normal") {
    absl::StrAppend(&words, " data=", norm_case.data());
  }
  if (norm_case.seed() > 1) absl::StrAppend(&words, " seed=", norm_case.seed());
  if (norm_case.threads() > 1) absl::StrAppend(&words, " threads=", norm_case.threads());
  return absl::StrCat(words, " ", norm_case.device());
}

Cell NumberCell(bool given, double value) {
  return {given ? FormatNumber(value) : "-", ""};
}

Cell CountCell(bool given, double value) {
  return {given ? FormatCount(value) : "-", ""};
}

Cell OutputsCell(const v1::CaseResult& result) {
  constexpr int kMost = OutputLedger::kMaxDistinct;
  if (result.distinct_outputs() > kMost) return {absl::StrCat(">", kMost), ""};
  return CountCell(result.has_distinct_outputs(), result.distinct_outputs());
}

Cell TensorNCell(const v1::NormCase& norm_case) {
  return norm_case.shape().empty() ? Cell{"-", ""} : CountCell(true, norm_case.shape(0));
}

Cell QuantileCell(const v1::Quantile& quantile, const TimeUnit& unit) {
  if (quantile.is_infinite()) return {"inf", ""};
  if (!quantile.has_value()) return {"-", ""};
  const auto in_unit = [&](bool given, double seconds) {
    return given ? FormatNumber(seconds * unit.per_second) : std::string("inf");
  };
  if (!quantile.has_low()) return {in_unit(true, quantile.value()), "[-]"};
  return {in_unit(true, quantile.value()),
          absl::StrCat("[", in_unit(quantile.has_low(), quantile.low()), ", ",
                       in_unit(quantile.has_high(), quantile.high()), "]")};
}

TimeUnit UnitOf(const ResultList& results) {
  std::vector<double> seconds;
  for (const v1::CaseResult* result : results) {
    seconds.push_back(result->latency_all().p50().value());
    seconds.push_back(result->latency_all().p99().value());
  }
  return UnitFor(seconds);
}

bool AnyErrors(const ResultList& results) {
  for (const v1::CaseResult* result : results) {
    if (result->errors() > 0) return true;
  }
  return false;
}

}  // namespace normbench
