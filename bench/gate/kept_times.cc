// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/kept_times.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/gate/gated_metric.h"
#include "bench/gate/judge.h"
#include "bench/gate/policy.h"
#include "bench/report/expand.h"
#include "bench/report/visits.h"

namespace normbench {
namespace {

constexpr std::string_view kRate = "samples_per_s";

CaseKind KindByName(std::string_view name) {
  const auto found = std::find_if(kCaseKinds.begin(), kCaseKinds.end(),
                                  [&](CaseKind kind) { return Name(kind) == name; });
  return found == kCaseKinds.end() ? CaseKind::kKernel : *found;
}

// The logarithm of a quantile as the mean of the visits, with its standard error; nothing where the
// report has no interval over visits.
std::optional<MeanOfFew> MeanOf(const v1::CaseResult& result, const v1::Quantile& quantile) {
  if (result.open_loop().client_limited()) return std::nullopt;  // the times are the client's
  if (quantile.ci_scope() != "visits" || !quantile.has_low() || !quantile.has_high())
    return std::nullopt;
  // What a person has edited need not be an interval.
  if (result.visits() < 2 || !std::isfinite(quantile.high()) ||
      !(0 < quantile.low() && quantile.low() <= quantile.value() &&
        quantile.value() <= quantile.high())) {
    return std::nullopt;
  }
  return MeanFromInterval(std::log(quantile.value()), std::log(quantile.low()),
                          std::log(quantile.high()), 0.95, result.visits());
}

v1::CellVerdict Unjudged(const std::string& key, const v1::GatedMetric& metric) {
  v1::CellVerdict verdict;
  verdict.set_key(key);
  verdict.set_metric(metric.metric());
  verdict.set_margin(metric.margin());
  verdict.set_p_regressed(1);
  verdict.set_p_improved(1);
  verdict.set_p_ok(1);
  verdict.set_verdict("INCONCLUSIVE");
  return verdict;
}

v1::CellVerdict WithoutInterval(const v1::CaseResult& a, const v1::CaseResult& b,
                                const v1::GatedMetric& metric) {
  v1::CellVerdict verdict = Unjudged(a.key(), metric);
  if (a.has_samples_per_s()) verdict.set_a(a.samples_per_s());
  if (b.has_samples_per_s()) verdict.set_b(b.samples_per_s());
  verdict.set_confirmation(std::string(kNotInReports));
  return verdict;
}

void SetDifference(const MeanOfFew& a, const MeanOfFew& b, double alpha, v1::CellVerdict* verdict) {
  const MeanDifference difference = Welch(a, b);
  const double margin = std::log1p(verdict->margin());
  verdict->set_rounds(std::min(a.n, b.n));
  verdict->set_worse(std::expm1(difference.estimate));
  verdict->set_low(std::expm1(difference.Bound(alpha)));
  verdict->set_high(std::expm1(difference.Bound(1 - alpha)));
  verdict->set_p_regressed(difference.PGreater(margin));
  verdict->set_p_improved(difference.PLess(-margin));
  verdict->set_p_ok(difference.PLess(margin));
}

// Whether a report has the metric with an interval.
bool IsKept(const std::string& metric) {
  return QuantileOf(v1::CaseResult::default_instance(), metric) != nullptr;
}

}  // namespace

absl::Status CheckKeptMetrics(const v1::Policy& policy) {
  bool any = false;
  for (const v1::GatedMetric& metric : policy.metrics()) {
    any = any || IsKept(metric.metric());
    if (IsKept(metric.metric()) || metric.metric() == kRate) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("metrics: ", metric.metric(),
                     " has no interval in a report; allowed: p50, p90, p99 (`normbench compare` "
                     "judges all of them)"));
  }
  if (any) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "metrics: none that a report has an interval of: p50, p90, p99");
}

void KeptTimes::Add(const v1::CaseResult& a, const v1::CaseResult& b) {
  std::set<std::string> names;
  const CaseKind kind = KindByName(a.kind());
  for (const v1::GatedMetric& metric : policy_.metrics()) {
    if (!AppliesTo(*FindGateable(metric.metric()), kind)) continue;
    if (!MatchesFilter(a.key(), metric.cells()) || !names.insert(metric.metric()).second) continue;
    if (!IsKept(metric.metric())) {
      // Only the default has no cells: nobody has asked for the rate.
      left_out_ = left_out_ || policy_.cells().empty();
      if (!policy_.cells().empty()) without_.push_back(WithoutInterval(a, b, metric));
      continue;
    }
    const v1::Quantile& in_a = *QuantileOf(a, metric.metric());
    const v1::Quantile& in_b = *QuantileOf(b, metric.metric());
    v1::CellVerdict& verdict = verdicts_.emplace_back(Unjudged(a.key(), metric));
    if (in_a.has_value()) verdict.set_a(in_a.value());
    if (in_b.has_value()) verdict.set_b(in_b.value());
    const Means& means = means_.emplace_back(Means{.a = MeanOf(a, in_a), .b = MeanOf(b, in_b)});
    if (means.a && means.b) SetDifference(*means.a, *means.b, policy_.alpha(), &verdict);
    of_requests_ = of_requests_ || kind != CaseKind::kKernel;
  }
}

std::vector<v1::CellVerdict> KeptTimes::Decide() const {
  std::vector<v1::CellVerdict> verdicts = verdicts_;
  AdjustTogether(&verdicts);
  const double alpha = policy_.alpha();
  for (v1::CellVerdict& verdict : verdicts) {
    verdict.set_verdict(verdict.p_improved() <= alpha ? "IMPROVED"
                        : verdict.p_ok() <= alpha     ? "OK"
                                                      : "INCONCLUSIVE");
    if (verdict.p_regressed() <= alpha) verdict.set_confirmation(std::string(kOneProcess));
  }
  verdicts.insert(verdicts.end(), without_.begin(), without_.end());
  return verdicts;
}

DetectionAim KeptTimes::AimOf(const v1::CellVerdict& verdict) const {
  // As in a comparison: the first step of Holm's procedure, and the most that may be hidden.
  return {.limit = std::log1p(verdict.margin()),
          .effect = std::log1p(policy_.max_detectable() * verdict.margin()),
          .alpha = policy_.alpha() / static_cast<double>(verdicts_.size()),
          .power = kPlannedPower};
}

void KeptTimes::AddNoise(std::vector<v1::CellVerdict>* verdicts) const {
  for (size_t i = 0; i < verdicts_.size(); ++i) {
    v1::CellVerdict& verdict = (*verdicts)[i];
    const Means& means = means_[i];
    // What was found is not hidden.
    if (!means.a || !means.b || verdict.confirmation() == kOneProcess) continue;
    const DetectionAim aim = AimOf(verdict);
    verdict.set_noise_sd(PairDeviation(*means.a, *means.b));
    verdict.set_detectable(
        std::expm1(Welch(*means.a, *means.b).Detectable(aim.limit, aim.alpha, aim.power)));
  }
}

void KeptTimes::ExplainNoise(v1::Comparison* comparison) const {
  constexpr int kMost = 10'000;
  if (comparison->verdict() != "CONFIGURATION") return;
  const double times = policy_.max_detectable();
  for (size_t i = 0; i < verdicts_.size(); ++i) {
    const v1::CellVerdict& cell = comparison->cells(static_cast<int>(i));
    // As verdict.cc found it.
    if (cell.verdict() != "INCONCLUSIVE" || cell.detectable() <= times * cell.margin()) continue;
    const int visits = ValuesToDetect(*means_[i].a, *means_[i].b, AimOf(cell), kMost);
    comparison->set_why(absl::StrFormat(
        "noise of %.1f %% hides anything below %+.1f %% in %s of %s, more than %g times its margin "
        "of %.3g %%: it would take %s%d visits a side as long as these%s, or a wider margin",
        100 * cell.noise_sd(), 100 * cell.detectable(), cell.metric(), cell.key(), times,
        100 * cell.margin(), visits > kMost ? "more than " : "about ", std::min(visits, kMost),
        visits > kMaxVisits ? absl::StrCat(" (a run has at most ", kMaxVisits, "), or longer ones")
                            : std::string()));
    return;
  }
}

}  // namespace normbench
