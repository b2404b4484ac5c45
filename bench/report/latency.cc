// SPDX-License-Identifier: Apache-2.0
#include "bench/report/latency.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include "bench/norm/rank.h"
#include "bench/stats/effective_size.h"
#include "bench/stats/quantile.h"

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Estimate {
  double value = 0;
  std::optional<Interval> interval;
  double n_eff = 0;
};

v1::Quantile ToProto(const Estimate& estimate, bool carried) {
  v1::Quantile quantile;
  quantile.set_n_eff(estimate.n_eff);
  quantile.set_method("nearest-rank");
  quantile.set_ci_scope("process");
  quantile.set_is_infinite(std::isinf(estimate.value));
  if (carried && std::isfinite(estimate.value)) quantile.set_value(estimate.value);
  if (!estimate.interval.has_value()) return quantile;
  if (std::isfinite(estimate.interval->low)) quantile.set_low(estimate.interval->low);
  if (std::isfinite(estimate.interval->high)) quantile.set_high(estimate.interval->high);
  return quantile;
}

template <typename QuantileAt>
void SetQuantiles(const QuantileAt& at, v1::LatencySummary* summary) {
  const auto quantile = [&](double q) { return ToProto(at(q), Carries(summary->n(), q)); };
  *summary->mutable_p50() = quantile(0.5);
  *summary->mutable_p90() = quantile(0.9);
  *summary->mutable_p99() = quantile(0.99);
  *summary->mutable_p999() = quantile(0.999);
}

// Successes in a histogram, failures above all of them.
struct WithFailures {
  const Histogram& successes;
  double failures;

  int64_t n() const { return static_cast<int64_t>(successes.count() + failures); }

  double AtRank(int64_t rank) const {
    const double count = successes.count();
    return static_cast<double>(rank) > count
               ? kInfinity
               : successes.Quantile(static_cast<double>(rank) / count);
  }
};

}  // namespace

bool Carries(double n, double q) {
  return n >= static_cast<double>(SamplesNeeded(q, kConfidence));
}

v1::LatencySummary SummarizeLatency(std::span<const double> seconds, const std::string& loop) {
  v1::LatencySummary summary;
  summary.set_n(static_cast<double>(seconds.size()));
  summary.set_source("raw");
  summary.set_loop(loop);
  if (seconds.empty()) return summary;
  std::vector<double> sorted(seconds.begin(), seconds.end());
  std::sort(sorted.begin(), sorted.end());
  SetQuantiles(
      [&](double q) {
        const double value = NearestRank(sorted, q);
        const double n_eff = EffectiveSize(seconds, value);
        return Estimate{value, QuantileInterval(sorted, q, kConfidence, n_eff), n_eff};
      },
      &summary);
  if (std::isfinite(sorted.front())) summary.set_min(sorted.front());
  if (std::isfinite(sorted.back())) {
    summary.set_max(sorted.back());
    summary.set_mean(std::accumulate(sorted.begin(), sorted.end(), 0.0) /
                     static_cast<double>(sorted.size()));
  }
  return summary;
}

v1::LatencySummary SummarizeHistogram(const HistogramLatency& input) {
  const WithFailures all{*input.successes, input.failures};
  v1::LatencySummary summary;
  summary.set_n(static_cast<double>(all.n()));
  summary.set_source("histogram");
  summary.set_loop(input.loop);
  if (all.n() == 0) return summary;
  SetQuantiles(
      [&](double q) {
        Estimate estimate;
        estimate.value = all.AtRank(NearestRankOf(all.n(), q));
        // The prefix says how correlated the series is.
        const double share = EffectiveSize(input.prefix, estimate.value) /
                             static_cast<double>(std::max<size_t>(1, input.prefix.size()));
        estimate.n_eff = share * static_cast<double>(all.n());
        const auto ranks = QuantileRanks(all.n(), q, kConfidence, std::max(1.0, estimate.n_eff));
        if (ranks) estimate.interval = Interval{all.AtRank(ranks->low), all.AtRank(ranks->high)};
        return estimate;
      },
      &summary);
  return summary;
}

void AddHistogram(const Histogram& histogram, v1::LatencySummary* summary) {
  for (const auto& [upper, count] : histogram.Buckets()) {
    v1::HistogramBucket* bucket = summary->add_histogram();
    bucket->set_upper_seconds(upper);
    bucket->set_count(count);
  }
}

}  // namespace normbench
