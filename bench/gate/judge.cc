// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/judge.h"

#include <algorithm>

#include "bench/gate/judge_metric.h"
#include "bench/gate/policy.h"
#include "bench/stats/holm.h"
#include "bench/stats/signed_rank.h"

namespace normbench {
namespace {

constexpr double kConfirmationAlpha = 0.05;

std::vector<v1::CellVerdict> Unjudged(const std::vector<GatedCell>& cells) {
  std::vector<v1::CellVerdict> verdicts;
  for (const GatedCell& cell : cells) {
    for (const v1::GatedMetric& metric : cell.metrics) {
      v1::CellVerdict& verdict = verdicts.emplace_back();
      verdict.set_key(cell.c.key);
      verdict.set_metric(metric.metric());
      verdict.set_margin(metric.margin());
    }
  }
  return verdicts;
}

bool HasVerdict(const v1::CellVerdict& verdict, const char* word) {
  return verdict.verdict() == word;
}

}  // namespace

void AdjustTogether(std::vector<v1::CellVerdict>* verdicts) {
  std::vector<double> regressed, improved;
  for (const v1::CellVerdict& verdict : *verdicts) {
    regressed.push_back(verdict.p_regressed());
    improved.push_back(verdict.p_improved());
  }
  regressed = HolmAdjust(regressed);
  improved = HolmAdjust(improved);
  for (size_t i = 0; i < verdicts->size(); ++i) {
    (*verdicts)[i].set_p_regressed(regressed[i]);
    (*verdicts)[i].set_p_improved(improved[i]);
  }
}

std::vector<v1::CellVerdict> JudgeCells(const v1::Policy& policy,
                                        const std::vector<GatedCell>& cells, const Rounds& rounds) {
  std::vector<v1::CellVerdict> verdicts = Unjudged(cells);
  const JudgeOptions options{.alpha = LookAlpha(policy),
                             .comparisons = static_cast<int>(verdicts.size()),
                             .planned_rounds = policy.rounds() + policy.extension_rounds(),
                             .seed = static_cast<uint64_t>(policy.seed())};
  std::vector<PairSeries> series;
  for (v1::CellVerdict& verdict : verdicts) {
    series.push_back(PairsOf(rounds, {"main", "extension"}, verdict.key(), verdict.metric()));
    JudgeMetric(series.back(), options, &verdict);
  }
  AdjustTogether(&verdicts);
  for (size_t i = 0; i < verdicts.size(); ++i) Decide(series[i], options.alpha, &verdicts[i]);
  return verdicts;
}

void Confirm(const Rounds& rounds, std::vector<v1::CellVerdict>* verdicts) {
  for (v1::CellVerdict& verdict : *verdicts) {
    if (!HasVerdict(verdict, "REGRESSED")) continue;
    const PairSeries fresh = PairsOf(rounds, {"confirmation"}, verdict.key(), verdict.metric());
    const auto low =
        fresh.effect.empty() ? std::nullopt : SignedRankLower(fresh.effect, kConfirmationAlpha);
    const bool confirmed = low && *low > 0;
    verdict.set_confirmation(confirmed ? "confirmed" : "not confirmed");
    if (!confirmed) verdict.set_verdict("INCONCLUSIVE");
  }
}

bool IsOpen(const std::vector<v1::CellVerdict>& verdicts) {
  return std::any_of(verdicts.begin(), verdicts.end(), [](const v1::CellVerdict& verdict) {
    return HasVerdict(verdict, "INCONCLUSIVE") && verdict.rounds() > 0;
  });
}

std::vector<std::string> RegressedKeys(const std::vector<v1::CellVerdict>& verdicts) {
  std::vector<std::string> keys;
  for (const v1::CellVerdict& verdict : verdicts) {
    if (!HasVerdict(verdict, "REGRESSED")) continue;
    if (keys.empty() || keys.back() != verdict.key()) keys.push_back(verdict.key());
  }
  return keys;
}

}  // namespace normbench
