// SPDX-License-Identifier: Apache-2.0
#include "bench/report/expect.h"

#include <cmath>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bench/norm/nearest.h"
#include "bench/report/metric.h"

namespace normbench {
namespace {

constexpr const char* kOps[] = {"<=", ">=", "==", "!=", "<", ">"};  // the longer ones first

absl::Status Bad(std::string_view text, const std::string& why) {
  return absl::InvalidArgumentError(absl::StrCat("'", std::string(text), "': ", why));
}

std::string Trim(std::string_view text) {
  return std::string(absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size())));
}

// The first operator in `text`, and where it is.
std::pair<size_t, std::string> FindOp(std::string_view text) {
  const size_t at = text.find_first_of("<>=!");
  if (at == std::string_view::npos) return {at, ""};
  for (const char* op : kOps) {
    if (text.substr(at).starts_with(op)) return {at, op};
  }
  return {at, ""};
}

// The power of ten of one `unit` in seconds; nothing for an unknown one.
std::optional<int> PowerOf(const std::string& unit) {
  if (unit == "ns") return -9;
  if (unit == "us") return -6;
  if (unit == "ms") return -3;
  return unit == "s" ? std::optional<int>(0) : std::nullopt;
}

// number * 10^power as it is written: 19.9 ms is 0.0199, which 19.9 / 1000 is not.
bool ParseScaled(const std::string& number, int power, double* value) {
  const size_t exponent = number.find_first_of("eE");
  int given = 0;
  if (exponent != std::string::npos && !absl::SimpleAtoi(number.substr(exponent + 1), &given)) {
    return false;
  }
  return absl::SimpleAtod(absl::StrCat(number.substr(0, exponent), "e", given + power), value);
}

absl::Status CheckRange(const Metric& metric, const std::string& text, double value) {
  const bool ratio = metric.unit == MetricUnit::kRatio;
  if (std::isfinite(value) && (!ratio || (value >= 0 && value <= 1))) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      std::string(metric.name), ": ", text, "; allowed: ", ratio ? "0 .. 1" : "finite numbers"));
}

absl::Status ParseValue(const Metric& metric, const std::string& text, Expect* expect) {
  if (text == "bound" && metric.name == "err_scaled") {
    expect->bound = true;
    return absl::OkStatus();
  }
  const size_t digits = text.find_last_of("0123456789.");
  const size_t unit_at = digits == std::string::npos ? 0 : digits + 1;
  const std::string unit = Trim(text.substr(unit_at));
  const bool is_time = metric.unit == MetricUnit::kSeconds;
  if (!ParseScaled(text.substr(0, unit_at), is_time ? PowerOf(unit).value_or(0) : 0,
                   &expect->value)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", text, "' is no number", metric.name == "err_scaled" ? " and not the word bound" : ""));
  }
  if (is_time && !PowerOf(unit).has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "unit '", unit, "' of ", std::string(metric.name), "; allowed: ns, us, ms, s"));
  }
  if (!is_time && !unit.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(metric.name), " has no unit, not '", unit, "'"));
  }
  return CheckRange(metric, text, expect->value);
}

bool Holds(double observed, const std::string& op, double value) {
  if (op == "<=") return observed <= value;
  if (op == ">=") return observed >= value;
  if (op == "==") return observed == value;
  if (op == "!=") return observed != value;
  return op == "<" ? observed < value : observed > value;
}

}  // namespace

absl::StatusOr<Expect> ParseExpect(std::string_view text) {
  const auto [at, op] = FindOp(text);
  if (op.empty()) return Bad(text, "no operator; write for example p99<20ms, with < <= > >= == !=");
  const std::string name = Trim(text.substr(0, at));
  const Metric* metric = FindMetric(name);
  if (metric == nullptr) return Bad(text, UnknownWord("metric", name, MetricNames()));
  Expect expect;
  expect.metric = name;
  expect.op = op;
  const absl::Status value = ParseValue(*metric, Trim(text.substr(at + op.size())), &expect);
  if (!value.ok()) return Bad(text, std::string(value.message()));
  return expect;
}

absl::Status CheckApplies(const Expect& expect, CaseKind kind) {
  if (FindMetric(expect.metric)->AppliesTo(kind)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("metric: ", std::string(Name(kind)), " cases have no ", expect.metric));
}

v1::Expectation Judge(std::string_view text, const v1::CaseResult& result) {
  const Expect expect = *ParseExpect(text);
  const Metric& metric = *FindMetric(expect.metric);
  v1::Expectation judged;
  judged.set_text(std::string(text));
  judged.set_accuracy(metric.accuracy);
  const Observation observed = metric.observe(result);
  if (!observed.value.has_value()) {
    judged.set_observed(observed.why_not);
    return judged;
  }
  const double limit = expect.bound ? result.norm_accuracy().bound() : expect.value;
  judged.set_holds(Holds(*observed.value, expect.op, limit));
  judged.set_observed(FormatMetric(metric, *observed.value));
  return judged;
}

void JudgeAll(const std::vector<std::string>& expect, v1::CaseResult* result) {
  for (const std::string& text : expect) *result->add_expectations() = Judge(text, *result);
}

}  // namespace normbench
