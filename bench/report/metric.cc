// SPDX-License-Identifier: Apache-2.0
#include "bench/report/metric.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "bench/report/batching_accuracy.h"
#include "bench/report/format.h"
#include "bench/report/invariance_case.h"

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Observation Missing(const v1::CaseResult& result, const std::string& why) {
  if (result.status() == "skipped") return {std::nullopt, "skipped"};
  if (!result.error().empty() && result.latency_all().n() == 0)
    return {std::nullopt, "not measured: " + result.error()};
  return {std::nullopt, why};
}

// A tail of means would look better than one of single calls is: there is none.
bool IsOfMeans(const v1::CaseResult& result) {
  return result.kernel_numbers().iterations_per_sample() > 1;
}

std::string OfMeans(const v1::CaseResult& result) {
  return absl::StrCat("a sample is the mean of ", result.kernel_numbers().iterations_per_sample(),
                      " calls");
}

Observation Of(const v1::CaseResult& result, const v1::Quantile& quantile) {
  if (quantile.is_infinite()) return {kInfinity, ""};
  // Without an interval it says what was seen, not what the next run would see.
  if (quantile.has_low()) return {quantile.value(), ""};
  if (quantile.n_eff() == 0 && IsOfMeans(result)) return Missing(result, OfMeans(result));
  return Missing(result, absl::StrCat("too few samples (n ", FormatCount(result.latency_all().n()),
                                      ", effective ", FormatCount(quantile.n_eff()), ")"));
}

Observation Of(const v1::CaseResult& result, bool given, double value) {
  if (given) return {value, ""};
  return Missing(result, "not measured");
}

Observation P50(const v1::CaseResult& r) {
  return Of(r, r.latency_all().p50());
}
Observation P90(const v1::CaseResult& r) {
  return Of(r, r.latency_all().p90());
}
Observation P99(const v1::CaseResult& r) {
  return Of(r, r.latency_all().p99());
}
Observation P999(const v1::CaseResult& r) {
  return Of(r, r.latency_all().p999());
}

Observation Mean(const v1::CaseResult& r) {
  return Of(r, r.latency_all().has_mean(), r.latency_all().mean());
}

Observation Max(const v1::CaseResult& r) {
  if (!r.latency_all().has_max() && IsOfMeans(r)) return Missing(r, OfMeans(r));
  return Of(r, r.latency_all().has_max(), r.latency_all().max());
}

Observation RequestsPerSecond(const v1::CaseResult& r) {
  return Of(r, r.has_requests_per_s(), r.requests_per_s());
}

Observation SamplesPerSecond(const v1::CaseResult& r) {
  return Of(r, r.has_samples_per_s(), r.samples_per_s());
}

Observation Errors(const v1::CaseResult& r) {
  return Of(r, r.requests() + r.errors() > 0, r.errors());
}

Observation Goodput(const v1::CaseResult& r) {
  if (!r.has_goodput_per_s()) return Missing(r, "no deadline_seconds");
  return {r.goodput_per_s(), ""};
}

Observation Dropped(const v1::CaseResult& r) {
  return r.has_open_loop() ? Observation{r.open_loop().dropped(), ""} : Missing(r, "a closed loop");
}

Observation LagP99(const v1::CaseResult& r) {
  const v1::Quantile& p99 = r.open_loop().send_lag().p99();
  if (!r.has_open_loop()) return Missing(r, "a closed loop");
  return p99.has_low() ? Observation{p99.value(), ""} : Missing(r, "too few samples");
}

Observation ErrScaled(const v1::CaseResult& r) {
  return Of(r, r.has_norm_accuracy(), r.norm_accuracy().err_scaled());
}

Observation RelL2(const v1::CaseResult& r) {
  return Of(r, r.norm_accuracy().has_rel_l2(), r.norm_accuracy().rel_l2());
}

Observation Misrounded(const v1::CaseResult& r) {
  if (!r.norm_accuracy().has_misrounded()) return Missing(r, "not of a 16-bit dtype");
  return {r.norm_accuracy().misrounded(), ""};
}

Observation Nonfinite(const v1::CaseResult& r) {
  return Of(r, r.has_norm_accuracy(), r.norm_accuracy().nonfinite_mismatches());
}

Observation Outputs(const v1::CaseResult& r) {
  return Of(r, r.has_distinct_outputs(), r.distinct_outputs());
}

// Of model_accuracy, which is about all planned images or says nothing.
Observation OfImages(const v1::CaseResult& r, bool given, double value) {
  const v1::ModelAccuracy& accuracy = r.model_accuracy();
  if (accuracy.images() >= accuracy.planned_images()) return Of(r, given, value);
  return Missing(r, absl::StrCat(FormatCount(accuracy.images()), " of ",
                                 FormatCount(accuracy.planned_images()), " images answered"));
}

Observation Top1(const v1::CaseResult& r) {
  return OfImages(r, r.model_accuracy().has_top1(), r.model_accuracy().top1());
}

Observation Flips(const v1::CaseResult& r) {
  return OfImages(r, r.model_accuracy().has_flips(), r.model_accuracy().flips());
}

Observation FlipsBeyondTolerance(const v1::CaseResult& r) {
  return OfImages(r, r.model_accuracy().has_flips_beyond_tolerance(),
                  r.model_accuracy().flips_beyond_tolerance());
}

// Of batching, which is about all answers or says nothing here.
Observation OfAnswers(const v1::CaseResult& r, double (*number)(const v1::FormedBatch& all)) {
  const v1::FormedBatch all = AllFormed(r.batching());
  if (all.compared() == 0) return Missing(r, "not measured");
  if (all.compared() == all.answers()) return {number(all), ""};
  return Missing(r, absl::StrCat(FormatCount(all.compared()), " of ", FormatCount(all.answers()),
                                 " answers compared"));
}

Observation Equal(const v1::CaseResult& r) {
  if (r.has_model()) return OfAnswers(r, [](const auto& all) { return all.equal_share(); });
  const v1::InvarianceTally& all = r.invariance_numbers().all();
  return Of(r, all.comparisons() > 0, EqualShare(all));
}

Observation MaxDifference(const v1::CaseResult& r) {
  if (r.has_model()) return OfAnswers(r, [](const auto& all) { return all.max_abs_difference(); });
  return Of(r, r.has_invariance_numbers(), r.invariance_numbers().all().max_abs());
}

Observation FirstFailingN(const v1::CaseResult& r) {
  const v1::InvarianceTally& all = r.invariance_numbers().all();
  return Of(r, r.has_invariance_numbers(),
            all.has_first_failing_n() ? all.first_failing_n() : kInfinity);
}

constexpr Metric kMetrics[] = {
    {"p50", MetricUnit::kSeconds, false, "ksm", P50},
    {"p90", MetricUnit::kSeconds, false, "ksm", P90},
    {"p99", MetricUnit::kSeconds, false, "ksm", P99},
    {"p999", MetricUnit::kSeconds, false, "ksm", P999},
    {"mean", MetricUnit::kSeconds, false, "ksm", Mean},
    {"max", MetricUnit::kSeconds, false, "ksm", Max},
    {"requests_per_s", MetricUnit::kPerSecond, false, "sm", RequestsPerSecond},
    {"samples_per_s", MetricUnit::kPerSecond, false, "ksm", SamplesPerSecond},
    {"errors", MetricUnit::kCount, false, "sm", Errors},
    {"goodput_per_s", MetricUnit::kPerSecond, false, "sm", Goodput},
    {"dropped", MetricUnit::kCount, false, "sm", Dropped},
    {"lag_p99", MetricUnit::kSeconds, false, "sm", LagP99},
    {"err_scaled", MetricUnit::kNumber, true, "ks", ErrScaled},
    {"rel_l2", MetricUnit::kNumber, true, "ks", RelL2},
    {"misrounded", MetricUnit::kRatio, true, "ks", Misrounded},
    {"nonfinite", MetricUnit::kCount, true, "ks", Nonfinite},
    {"outputs", MetricUnit::kCount, true, "ksm", Outputs},
    {"top1", MetricUnit::kRatio, true, "m", Top1},
    {"flips", MetricUnit::kCount, true, "m", Flips},
    {"flips_beyond_tolerance", MetricUnit::kCount, true, "m", FlipsBeyondTolerance},
    {"equal", MetricUnit::kRatio, true, "mi", Equal},
    {"max_diff", MetricUnit::kNumber, true, "mi", MaxDifference},
    {"first_failing_n", MetricUnit::kCount, true, "i", FirstFailingN},
};

}  // namespace

const Metric* FindMetric(std::string_view name) {
  for (const Metric& metric : kMetrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

std::vector<std::string> MetricNames() {
  std::vector<std::string> names;
  for (const Metric& metric : kMetrics) names.emplace_back(metric.name);
  return names;
}

// Three digits must not make a whole of what is not one.
std::string FormatRatio(double value) {
  const std::string text = FormatNumber(value);
  return value < 1 && text == FormatNumber(1) ? "just below 1" : text;
}

std::string FormatMetric(const Metric& metric, double value) {
  switch (metric.unit) {
    case MetricUnit::kSeconds:
      return FormatSeconds(value);
    case MetricUnit::kCount:
      return FormatCount(value);
    case MetricUnit::kRatio:
      return FormatRatio(value);
    default:
      return FormatNumber(value);
  }
}

}  // namespace normbench
