// SPDX-License-Identifier: Apache-2.0
#include "bench/report/find_max.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/load/arrival_spec.h"
#include "bench/report/canonical.h"
#include "bench/report/case_key.h"
#include "bench/report/expect.h"
#include "bench/report/format.h"
#include "bench/report/open_series.h"
#include "bench/report/open_summary.h"
#include "bench/stats/effective_size.h"
#include "bench/stats/quantile.h"
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

// Failed and dropped requests are over any limit. From the histogram where not every request was
// kept: to three digits.
Counts CountOver(const OpenLoopResult& loop, std::span<const double> series, double limit) {
  Counts counts;
  if (AllKept(loop)) {
    counts.requests = static_cast<double>(series.size());
    for (const double seconds : series) counts.over += seconds > limit;
    return counts;
  }
  for (const auto& [upper, count] : loop.recorder.histogram().Buckets()) {
    counts.requests += count;
    if (upper > limit) counts.over += count;
  }
  const double lost = Failures(loop) + static_cast<double>(loop.dropped);
  return {counts.requests + lost, counts.over + lost};
}

// What a request is worth as an independent one. At the limit, where requests are counted, and at
// the quantile: where nothing is over the limit, only the latter tells that requests wait for one
// another, and it is what the interval of the report goes by.
double IndependentShare(std::span<const double> series, const MaxGoal& goal) {
  if (series.empty()) return 1;
  std::vector<double> sorted(series.begin(), series.end());
  std::sort(sorted.begin(), sorted.end());
  const double quantile = NearestRank(sorted, goal.q);
  return std::min(EffectiveSize(series, goal.limit), EffectiveSize(series, quantile)) /
         static_cast<double>(series.size());
}

std::string Word(Verdict verdict) {
  if (verdict == Verdict::kHolds) return "holds";
  return verdict == Verdict::kFails ? "fails" : "undecided";
}

// That so few are over the limit takes independent requests, else a calm moment would do. That so
// many are does not: a rate that fails for one disturbance gets a second look.
void SetVerdict(const MaxGoal& goal, v1::FindMaxStep* step) {
  const auto judge = [&](double n, double over) {
    return JudgeQuantile(n, over, goal.q, kMaxConfidence);
  };
  const double share = step->requests() > 0 ? step->n_eff() / step->requests() : 1;
  QuantileVerdict verdict = judge(step->requests(), step->over());
  if (verdict.verdict != Verdict::kFails) verdict = judge(step->n_eff(), step->over() * share);
  step->set_verdict(Word(verdict.verdict));
  step->set_more(std::ceil(verdict.more / share));
}

// The lowest rate above `rate` that did not hold; infinite if there is none. One that held may be
// nearer: found by luck, and not tried again.
double NextFailed(const v1::FindMax& found, double rate) {
  double next = std::numeric_limits<double>::infinity();
  for (const v1::FindMaxStep& step : found.steps()) {
    if (step.rate() > rate && step.verdict() != "holds") next = std::min(next, step.rate());
  }
  return next;
}

bool HeldBefore(const v1::FindMax& found, double rate) {
  return std::ranges::any_of(found.steps(), [&](const v1::FindMaxStep& step) {
    return step.rate() == rate && step.verdict() == "holds";
  });
}

// "412 requests/s hold, 433 do not"
std::string RatesFound(const v1::FindMax& found) {
  if (!found.has_rate()) {
    const double last = found.steps().rbegin()->rate();
    if (HeldBefore(found, last)) {
      return absl::StrCat(FormatNumber(last), " requests/s held, but not when measured afresh");
    }
    if (found.cut() && found.steps().rbegin()->verdict() == "undecided")
      return "no rate is decided";
    return absl::StrCat("not even ", FormatNumber(NextFailed(found, 0)), " requests/s hold");
  }
  const double next = NextFailed(found, found.rate());
  return absl::StrCat(FormatNumber(found.rate()), " requests/s hold",
                      std::isfinite(next) ? absl::StrCat(", ", FormatNumber(next), " do not") : "");
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
  const std::vector<double> series = OpenSeries{loop}.All();
  const Counts counts = CountOver(loop, series, goal.limit);
  step->set_requests(step->requests() + counts.requests);
  step->set_over(step->over() + counts.over);
  step->set_n_eff(step->n_eff() + counts.requests * IndependentShare(series, goal));
  step->set_client_limited(step->client_limited() || IsClientLimited(loop));
  SetVerdict(goal, step);
}

double RequestsNeeded(const MaxGoal& goal, const v1::FindMaxStep& step) {
  const double independent = JudgeQuantile(0, 0, goal.q, kMaxConfidence).more;
  return step.n_eff() > 0 ? independent * step.requests() / step.n_eff() : independent;
}

const v1::FindMaxStep& ReportedStep(const v1::FindMax& found) {
  const v1::FindMaxStep* reported = &found.steps(0);
  for (const v1::FindMaxStep& step : found.steps()) {
    const bool held = step.rate() == found.rate() && step.verdict() == "holds";
    if (found.has_rate() ? held : step.rate() <= reported->rate()) reported = &step;
  }
  return *reported;
}

v1::Expectation JudgeFound(const v1::FindMax& found) {
  v1::Expectation expectation;
  expectation.set_text(found.text());
  expectation.set_holds(found.has_rate());
  expectation.set_observed(RatesFound(found));
  return expectation;
}

std::string FoundWords(const v1::FindMax& found) {
  std::set<double> rates;
  for (const v1::FindMaxStep& step : found.steps()) rates.insert(step.rate());
  return absl::StrCat(found.text(), ": ", RatesFound(found), "; ", rates.size(), " rates tried",
                      found.cut() ? ", ended before the next rate was tried" : "");
}

}  // namespace normbench
