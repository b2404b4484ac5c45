// SPDX-License-Identifier: Apache-2.0
#include "bench/report/pooled_latency.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "bench/norm/rank.h"
#include "bench/report/latency.h"
#include "bench/stats/replications.h"

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLeast = 1e-9;  // seconds: what the clock can tell from nothing

struct Counted {
  double seconds = 0;
  double count = 1;
};

// What was seen so often, ascending.
class Values {
 public:
  void Add(const VisitLatency& visit) {
    const KeptSeries& series = *visit.series;
    for (size_t i = 0; i < series.seconds.size(); ++i) {
      const double count = series.counts.empty() ? 1 : series.counts[i];
      values_.push_back({series.seconds[i], count});
      count_ += count;
    }
  }

  void Sort() {
    std::sort(values_.begin(), values_.end(),
              [](const Counted& a, const Counted& b) { return a.seconds < b.seconds; });
  }

  double count() const { return count_; }

  double Rank(double q) const {
    return static_cast<double>(NearestRankOf(static_cast<int64_t>(count_), q));
  }

  // By nearest rank. REQUIRES: Sort() came after the last Add(), count() > 0.
  double Quantile(double q) const {
    double left = Rank(q);
    for (const Counted& value : values_) {
      left -= value.count;
      if (left <= 0) return value.seconds;
    }
    return kInfinity;
  }

 private:
  std::vector<Counted> values_;
  double count_ = 0;
};

struct Pooled {
  Values all;
  std::vector<Values> visits;  // that intervals are from

  explicit Pooled(std::span<const VisitLatency> latencies) {
    const auto whole = std::ranges::count_if(latencies, &VisitLatency::whole);
    for (const VisitLatency& latency : latencies) {
      all.Add(latency);
      if (!latency.whole && whole >= 2) continue;
      visits.emplace_back().Add(latency);
      visits.back().Sort();
    }
    all.Sort();
  }

  std::optional<Interval> IntervalOf(double q) const {
    std::vector<double> found;
    for (const Values& visit : visits) {
      if (visit.count() == 0) continue;  // a schedule may have none in its window
      if (visit.count() - visit.Rank(q) < 1) return std::nullopt;
      found.push_back(std::max(kLeast, visit.Quantile(q)));
    }
    if (found.size() < 2) return std::nullopt;
    const double value = std::max(kLeast, all.Quantile(q));
    if (std::ranges::none_of(found, [](double seconds) { return std::isinf(seconds); })) {
      return ReplicationInterval(value, found, kConfidence);
    }
    return Interval{std::min(value, *std::ranges::min_element(found)), kInfinity};
  }

  // `n_eff` of all visits together.
  v1::Quantile At(double q, double n_eff) const {
    v1::Quantile quantile;
    quantile.set_n_eff(n_eff);
    quantile.set_method("nearest-rank");
    quantile.set_ci_scope("visits");
    const double value = all.Quantile(q);
    quantile.set_is_infinite(std::isinf(value));
    if (std::isinf(value) || !Carries(all.count(), q)) return quantile;
    quantile.set_value(value);
    if (const auto interval = IntervalOf(q)) {
      quantile.set_low(interval->low);
      if (std::isfinite(interval->high)) quantile.set_high(interval->high);
    }
    return quantile;
  }
};

using QuantileOf = const v1::Quantile& (v1::LatencySummary::*)() const;

double EffectiveSizeOf(std::span<const VisitLatency> visits, QuantileOf quantile) {
  double sum = 0;
  for (const VisitLatency& visit : visits) sum += (visit.summary->*quantile)().n_eff();
  return sum;
}

void SetQuantiles(const Pooled& pooled, std::span<const VisitLatency> visits,
                  v1::LatencySummary* summary) {
  const auto at = [&](double q, QuantileOf of) {
    return pooled.At(q, EffectiveSizeOf(visits, of));
  };
  *summary->mutable_p50() = at(0.5, &v1::LatencySummary::p50);
  *summary->mutable_p90() = at(0.9, &v1::LatencySummary::p90);
  *summary->mutable_p99() = at(0.99, &v1::LatencySummary::p99);
  *summary->mutable_p999() = at(0.999, &v1::LatencySummary::p999);
}

// Absent where a visit that has requests cannot say it.
void SetMoments(std::span<const VisitLatency> visits, v1::LatencySummary* summary) {
  double least = kInfinity, most = 0, sum = 0, n = 0;
  bool min = true, mean = true, max = true;
  for (const VisitLatency& visit : visits) {
    const v1::LatencySummary& of = *visit.summary;
    if (of.n() == 0) continue;
    min &= of.has_min();
    mean &= of.has_mean();
    max &= of.has_max();
    least = std::min(least, of.min());
    most = std::max(most, of.max());
    sum += of.mean() * of.n();
    n += of.n();
  }
  if (min) summary->set_min(least);
  if (mean) summary->set_mean(sum / n);
  if (max) summary->set_max(most);
}

void SetSource(std::span<const VisitLatency> visits, v1::LatencySummary* summary) {
  const bool raw = std::ranges::all_of(
      visits, [](const VisitLatency& visit) { return visit.series->counts.empty(); });
  summary->set_source(raw ? "raw" : "histogram");
}

}  // namespace

v1::LatencySummary PoolLatency(std::span<const VisitLatency> visits) {
  v1::LatencySummary summary;
  summary.set_loop(visits.front().summary->loop());
  SetSource(visits, &summary);
  const Pooled pooled(visits);
  summary.set_n(pooled.all.count());
  if (summary.n() == 0) return summary;
  SetQuantiles(pooled, visits, &summary);
  SetMoments(visits, &summary);
  return summary;
}

}  // namespace normbench
