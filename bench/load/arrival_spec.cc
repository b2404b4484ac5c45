// SPDX-License-Identifier: Apache-2.0
#include "bench/load/arrival_spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/norm/nearest.h"

namespace normbench {
namespace {

using Kind = ArrivalSpec::Kind;

constexpr std::array<std::pair<Kind, std::string_view>, 5> kKinds = {{{Kind::kConstant, "constant"},
                                                                      {Kind::kPoisson, "poisson"},
                                                                      {Kind::kSpike, "spike"},
                                                                      {Kind::kStep, "step"},
                                                                      {Kind::kTrace, "trace"}}};

constexpr double kHighestRate = 1e7;  // requests a second: no client of ours sends faster
constexpr double kHighestShare = 10;
constexpr double kLongestSeconds = 86400;
constexpr double kHighestFactor = 1e4;
constexpr size_t kMostSteps = 100;
constexpr size_t kMostTimes = 10'000'000;

std::string Shortest(double value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

// Reads a number at the head of `text` and takes it away.
std::optional<double> TakeNumber(std::string_view* text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc()) return std::nullopt;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return value;
}

bool Take(char c, std::string_view* text) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r";
  const size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

absl::Status Malformed(std::string_view text, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("arrivals: '", std::string(text), "': ", std::string(what),
                   "; allowed: constant:R, poisson:R, spike:RxF@START+LENGTH, step:R,R,... (R "
                   "requests a second, or P%), trace:FILE"));
}

// Adds a rate; false where there is none, or of another kind than those before it.
bool TakeRate(std::string_view* text, ArrivalSpec* spec) {
  const std::optional<double> value = TakeNumber(text);
  const bool share = value.has_value() && Take('%', text);
  if (!value.has_value() || (!spec->rates.empty() && share != spec->relative)) return false;
  spec->relative = share;
  spec->rates.push_back(share ? *value / 100 : *value);
  return true;
}

bool TakeSteps(std::string_view* text, ArrivalSpec* spec) {
  while (Take(',', text)) {
    if (!TakeRate(text, spec)) return false;
  }
  return true;
}

bool TakePart(char before, double* value, std::string_view* text) {
  if (!Take(before, text)) return false;
  const std::optional<double> number = TakeNumber(text);
  *value = number.value_or(0);
  return number.has_value();
}

bool TakeSpike(std::string_view* text, ArrivalSpec* spec) {
  return TakePart('x', &spec->factor, text) && TakePart('@', &spec->start_seconds, text) &&
         TakePart('+', &spec->length_seconds, text);
}

bool Within(double value, double highest) {
  return value > 0 && value <= highest;  // false for NaN
}

// What is out of range; empty: nothing.
std::string Problem(const ArrivalSpec& spec) {
  const double highest = spec.relative ? kHighestShare : kHighestRate;
  for (const double rate : spec.rates) {
    if (Within(rate, highest)) continue;
    return spec.relative ? absl::StrCat("rate ", Shortest(rate * 100), "% is not in 0% .. 1000%")
                         : absl::StrCat("rate ", Shortest(rate), " is not in 0 .. 10000000");
  }
  if (spec.rates.size() > kMostSteps) return absl::StrCat("more than ", kMostSteps, " steps");
  if (spec.kind != Kind::kSpike) return "";
  if (!Within(spec.factor, kHighestFactor)) return "the factor is not in 0 .. 10000";
  if (!(spec.start_seconds >= 0 && spec.start_seconds <= kLongestSeconds)) {
    return "the start is not in 0 .. 86400 s";
  }
  return Within(spec.length_seconds, kLongestSeconds) ? "" : "the length is not in 0 .. 86400 s";
}

absl::StatusOr<Kind> ParseKind(std::string_view name) {
  std::vector<std::string> allowed;
  for (const auto& [kind, word] : kKinds) {
    if (word == name) return kind;
    allowed.emplace_back(word);
  }
  return absl::InvalidArgumentError(UnknownWord("arrivals", name, allowed));
}

std::string RateText(const ArrivalSpec& spec, double rate) {
  return spec.relative ? Shortest(rate * 100) + "%" : Shortest(rate);
}

// Without the warm-up.
std::vector<RateSegment> SegmentsOf(const ArrivalSpec& spec, double seconds, double unit) {
  if (spec.kind != Kind::kSpike) {
    std::vector<RateSegment> segments;
    const double part = seconds / static_cast<double>(spec.rates.size());
    for (const double rate : spec.rates) segments.push_back({part, rate * unit});
    return segments;
  }
  const double rate = spec.rates[0] * unit;
  const double start = std::min(spec.start_seconds, seconds);
  const double length = std::min(spec.length_seconds, seconds - start);
  return {{start, rate}, {length, rate * spec.factor}, {seconds - start - length, rate}};
}

}  // namespace

absl::StatusOr<ArrivalSpec> ParseArrivalSpec(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return Malformed(text, "no ':'");
  const absl::StatusOr<Kind> kind = ParseKind(text.substr(0, colon));
  if (!kind.ok()) return kind.status();
  ArrivalSpec spec{.kind = *kind, .rates = {}, .file = {}};
  std::string_view rest = text.substr(colon + 1);
  if (spec.kind == Kind::kTrace) {
    spec.file = std::string(rest);
    if (rest.empty()) return Malformed(text, "no file");
    return spec;
  }
  bool read = TakeRate(&rest, &spec);
  if (read && spec.kind == Kind::kStep) read = TakeSteps(&rest, &spec);
  if (read && spec.kind == Kind::kSpike) read = TakeSpike(&rest, &spec);
  if (!read || !rest.empty()) {
    return Malformed(text, absl::StrCat("cannot be read from '", std::string(rest), "' on"));
  }
  if (const std::string problem = Problem(spec); !problem.empty()) return Malformed(text, problem);
  return spec;
}

std::string ToString(const ArrivalSpec& spec) {
  const auto name = std::ranges::find(kKinds, spec.kind, &decltype(kKinds)::value_type::first);
  std::string text = absl::StrCat(std::string(name->second), ":", spec.file);
  absl::StrAppend(&text, absl::StrJoin(spec.rates, ",", [&](std::string* out, double rate) {
    out->append(RateText(spec, rate));
  }));
  if (spec.kind != Kind::kSpike) return text;
  return absl::StrCat(text, "x", Shortest(spec.factor), "@", Shortest(spec.start_seconds), "+",
                      Shortest(spec.length_seconds));
}

std::unique_ptr<Arrivals> ArrivalsOf(const ArrivalSpec& spec, const ScheduleOptions& options) {
  const double unit = spec.relative ? options.maximum : 1;
  std::vector<RateSegment> segments = SegmentsOf(spec, options.seconds, unit);
  segments.insert(segments.begin(), {options.warmup_seconds, spec.rates[0] * unit});
  return MakeArrivals(std::move(segments),
                      spec.kind == Kind::kConstant ? Spacing::kConstant : Spacing::kPoisson,
                      options.seed);
}

absl::StatusOr<std::vector<double>> ParseTrace(std::string_view text) {
  std::vector<double> times;
  for (int line = 1; !text.empty(); ++line) {
    std::string_view rest = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), rest.size() + 1));
    rest = Trimmed(rest.substr(0, rest.find('#')));
    if (rest.empty()) continue;
    const std::string word(rest);
    const std::optional<double> time = TakeNumber(&rest);
    const double earliest = times.empty() ? 0 : times.back();
    if (!time.has_value() || !rest.empty() || !(*time >= earliest) || !std::isfinite(*time)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "arrivals: line ", line, " of the trace is '", word,
          "'; allowed: seconds, not before the line above (", Shortest(earliest), ")"));
    }
    if (times.size() == kMostTimes) {
      return absl::InvalidArgumentError(
          absl::StrCat("arrivals: the trace has more than ", kMostTimes, " times"));
    }
    times.push_back(*time);
  }
  if (times.empty()) return absl::InvalidArgumentError("arrivals: the trace has no times");
  return times;
}

}  // namespace normbench
