// SPDX-License-Identifier: Apache-2.0
#include "bench/report/find_max.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/load/arrival_spec.h"
#include "bench/report/canonical.h"
#include "bench/report/case_key.h"
#include "bench/report/expect.h"
#include "bench/report/format.h"
#include "bench/report/open_summary.h"
#include "bench/stats/quantile_verdict.h"

namespace normbench {
namespace {

const std::map<std::string, double>& Quantiles() {
  static const std::map<std::string, double> quantiles = {
      {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};
  return quantiles;
}

struct Counts {
  double requests = 0;
  double over = 0;
};

// From the histogram where not every sample was kept: to three digits.
Counts OverIn(const Recorder& recorder, double limit) {
  Counts counts;
  if (recorder.count() == static_cast<int64_t>(recorder.samples().size())) {
    for (const Sample& sample : recorder.samples()) {
      if (sample.ragged || sample.code != 0) continue;
      ++counts.requests;
      counts.over += sample.lag_seconds + sample.latency_seconds > limit;
    }
    return counts;
  }
  for (const auto& [upper, count] : recorder.histogram().Buckets()) {
    counts.requests += count;
    if (upper > limit) counts.over += count;
  }
  return counts;
}

std::string Word(Verdict verdict) {
  if (verdict == Verdict::kHolds) return "holds";
  return verdict == Verdict::kFails ? "fails" : "undecided";
}

// The lowest rate above `rate` that was tried; infinite if there is none.
double NextTried(const v1::FindMax& found, double rate) {
  double next = std::numeric_limits<double>::infinity();
  for (const v1::FindMaxStep& step : found.steps()) {
    if (step.rate() > rate) next = std::min(next, step.rate());
  }
  return next;
}

}  // namespace

absl::StatusOr<MaxGoal> ParseMaxGoal(std::string_view text) {
  const absl::StatusOr<Expect> expect = ParseExpect(text);
  if (!expect.ok()) return expect.status();
  const auto quantile = Quantiles().find(expect->metric);
  if (quantile == Quantiles().end() || !expect->op.starts_with("<") || expect->value <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", std::string(text),
                     "'; allowed: p50, p90, p99 or p999, < or <=, and a time above 0, "
                     "for example p99<20ms"));
  }
  return MaxGoal{.text = std::string(text), .q = quantile->second, .limit = expect->value};
}

Case AtRate(const Case& c, double rate) {
  Case open = c;
  v1::Load* load = MutableLoad(&open.spec);
  if (load->arrivals().empty()) {
    if (auto* service = std::get_if<v1::ServiceCase>(&open.spec)) service->clear_in_flight();
    if (auto* model = std::get_if<v1::ModelCase>(&open.spec)) model->clear_in_flight();
  }
  open.max_requests = 0;
  open.precision = 0;
  load->set_arrivals(ToString({.kind = ArrivalSpec::Kind::kPoisson, .rates = {rate}, .file = {}}));
  open.spec = Canonical(open.spec);
  open.key = CaseKey(open.spec);
  return open;
}

void AddToStep(const OpenLoopResult& loop, const MaxGoal& goal, v1::FindMaxStep* step) {
  const Counts ok = OverIn(loop.recorder, goal.limit);
  const auto lost = static_cast<double>(loop.errors - loop.recorder.ragged_errors() + loop.dropped);
  step->set_requests(step->requests() + ok.requests + lost);
  step->set_over(step->over() + ok.over + lost);
  const QuantileVerdict verdict =
      JudgeQuantile(static_cast<int64_t>(step->requests()), static_cast<int64_t>(step->over()),
                    goal.q, kMaxConfidence);
  step->set_verdict(Word(verdict.verdict));
  step->set_more(static_cast<double>(verdict.more));
  step->set_client_limited(step->client_limited() || IsClientLimited(loop));
}

double ReportedRate(const v1::FindMax& found) {
  if (found.has_rate()) return found.rate();
  double lowest = found.steps(0).rate();
  for (const v1::FindMaxStep& step : found.steps()) lowest = std::min(lowest, step.rate());
  return lowest;
}

Case ReportedCase(const Case& c, const MaxGoal& goal, const v1::FindMax& found) {
  Case reported = AtRate(c, ReportedRate(found));
  if (!found.has_rate()) reported.expect.push_back(goal.text);
  return reported;
}

std::string FoundWords(const v1::FindMax& found) {
  const std::string tried = absl::StrCat("; ", found.steps_size(), " rates tried");
  if (!found.has_rate()) {
    return absl::StrCat(found.text(), ": not even ", FormatNumber(NextTried(found, 0)),
                        " requests/s hold", tried);
  }
  const double next = NextTried(found, found.rate());
  return absl::StrCat(found.text(), ": ", FormatNumber(found.rate()), " requests/s hold",
                      std::isfinite(next) ? absl::StrCat(", ", FormatNumber(next), " do not") : "",
                      tried);
}

}  // namespace normbench
