// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/judge_metric.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "bench/gate/policy.h"
#include "bench/stats/detectable.h"
#include "bench/stats/median.h"
#include "bench/stats/paired_bootstrap.h"
#include "bench/stats/signed_rank.h"
#include "bench/stats/spread.h"

namespace normbench {
namespace {

constexpr int kMostRounds = 10'000;
constexpr int kResamples = 2000;

std::vector<double> Finite(std::span<const double> values) {
  std::vector<double> finite;
  for (const double value : values) {
    if (std::isfinite(value)) finite.push_back(value);
  }
  return finite;
}

// What a gate plans with: one disturbed round in twenty is no noise that more rounds would help
// against, and hardly moves a signed-rank bound.
double Noise(std::span<const double> finite) {
  const double robust = RobustDeviation(finite);
  return robust > 0 ? robust : StandardDeviation(finite);
}

// Above 0 is worse by so much; a factor of infinity stays one.
double Share(double logarithm) {
  return std::expm1(logarithm);
}

void JudgeFloor(const PairSeries& series, const JudgeOptions& options, v1::CellVerdict* verdict) {
  const std::vector<double> finite = Finite(series.floor);
  if (finite.size() < 2) return;
  constexpr double kTwoSided = 0.025;
  const double sd = Noise(finite);
  verdict->set_floor(Share(HodgesLehmann(series.floor)));
  if (const auto low = SignedRankLower(series.floor, kTwoSided))
    verdict->set_floor_low(Share(*low));
  if (const auto high = SignedRankUpper(series.floor, kTwoSided)) {
    verdict->set_floor_high(Share(*high));
  }
  verdict->set_noise_sd(sd);
  // The first step of Holm's procedure: what a single change among all cells has to overcome.
  verdict->set_detectable(DetectableEffect(verdict->margin(), sd, options.planned_rounds,
                                           options.alpha / options.comparisons, kPlannedPower));
}

void JudgeEffect(const PairSeries& series, const JudgeOptions& options, v1::CellVerdict* verdict) {
  const double margin = std::log1p(verdict->margin());
  verdict->set_a(Median(series.a));
  verdict->set_b(Median(series.b));
  verdict->set_worse(Share(HodgesLehmann(series.effect)));
  if (const auto low = SignedRankLower(series.effect, options.alpha)) {
    verdict->set_low(Share(*low));
  }
  if (const auto high = SignedRankUpper(series.effect, options.alpha)) {
    verdict->set_high(Share(*high));
  }
  verdict->set_p_regressed(SignedRankPGreater(series.effect, margin));
  verdict->set_p_ok(SignedRankPLess(series.effect, margin));
  verdict->set_p_improved(SignedRankPLess(series.effect, -margin));
  const BootstrapBounds bootstrap =
      BootstrapMedian(series.effect, options.alpha, kResamples, options.seed);
  verdict->set_bootstrap_low(Share(bootstrap.low));
  verdict->set_bootstrap_high(Share(bootstrap.high));
}

// About so many rounds, all together, tell the effect as it looks now from the margin.
double RoundsFor(const PairSeries& series, double alpha, double margin) {
  const std::vector<double> finite = Finite(series.effect);
  const double distance = std::abs(HodgesLehmann(series.effect) - std::log1p(margin));
  if (finite.size() < 2 || !std::isfinite(distance)) return kMostRounds;
  return RoundsToDetect(0, Noise(finite), std::expm1(distance), alpha, kPlannedPower, kMostRounds);
}

}  // namespace

void JudgeMetric(const PairSeries& series, const JudgeOptions& options, v1::CellVerdict* verdict) {
  verdict->set_rounds(static_cast<int>(series.effect.size()));
  verdict->set_p_regressed(1);
  verdict->set_p_ok(1);
  verdict->set_p_improved(1);
  JudgeFloor(series, options, verdict);
  if (!series.effect.empty()) JudgeEffect(series, options, verdict);
}

void Decide(const PairSeries& series, double alpha, v1::CellVerdict* verdict) {
  if (verdict->p_regressed() <= alpha) {
    verdict->set_verdict("REGRESSED");
  } else if (verdict->p_improved() <= alpha) {
    verdict->set_verdict("IMPROVED");
  } else if (verdict->p_ok() <= alpha) {
    verdict->set_verdict("OK");
  } else {
    verdict->set_verdict("INCONCLUSIVE");
    if (series.effect.empty()) return;
    const double needed = RoundsFor(series, alpha, verdict->margin());
    verdict->set_more_rounds(std::max(1.0, needed - verdict->rounds()));
  }
}

}  // namespace normbench
