// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/gate_run.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "bench/gate/accuracy_change.h"
#include "bench/gate/judge.h"
#include "bench/gate/verdict.h"
#include "bench/gate/void_round.h"
#include "bench/report/exit_code.h"

namespace normbench {
namespace {

void SetFailed(const absl::Status& status, v1::Comparison* comparison) {
  comparison->set_outcome(absl::IsCancelled(status) ? "interrupted" : "arm_failed");
  comparison->set_error(std::string(status.message()));
}

// Of the policy, not of an arm: there is nothing to conclude from.
void SetRefused(const absl::Status& status, v1::Comparison* comparison) {
  comparison->set_outcome("refused");
  comparison->set_verdict("CONFIGURATION");
  comparison->set_why(std::string(status.message()));
  comparison->set_exit_code(static_cast<int32_t>(ExitCode::kUsage));
}

class GateRun {
 public:
  GateRun(const std::vector<GatedCell>& cells, const GatePlan& plan, RoundSource& source,
          const std::function<void(const v1::Comparison&)>& on_round, v1::Comparison* comparison)
      : cells_(cells),
        plan_(plan),
        source_(source),
        on_round_(on_round),
        comparison_(*comparison),
        all_(cells.size()) {
    std::iota(all_.begin(), all_.end(), size_t{0});
  }

  void Run() {
    comparison_.set_outcome("complete");
    Measure("main", plan_.rounds, all_);
    Look();
    if (IsComplete() && IsOpen(verdicts_) && plan_.extension > 0) {
      Measure("extension", plan_.extension, all_);
      Look();
    }
    const std::vector<size_t> regressed = Regressed();
    if (IsComplete() && !regressed.empty() && plan_.confirmation > 0) {
      Measure("confirmation", plan_.confirmation, regressed);
    }
    End();
  }

 private:
  bool IsComplete() const { return comparison_.outcome() == "complete"; }

  // Rounds that do not count are made up for, within reason.
  void Measure(const std::string& phase, int rounds, const std::vector<size_t>& cells) {
    int counting = 0;
    for (int made = 0; counting < rounds && made < rounds + rounds / 2; ++made) {
      if (!HasTimeFor(phase, cells)) return;
      const double begin = source_.Seconds();
      const int left = rounds - counting;
      auto round = source_.Measure({.number = comparison_.rounds_size() + 1,
                                    .phase = phase,
                                    .cells = cells,
                                    .left = left,
                                    .left_seconds = left * RoundSeconds(phase, cells)});
      if (!round.ok()) return Fail(round.status());
      round->set_number(comparison_.rounds_size() + 1);
      round->set_phase(phase);
      round->set_why_void(WhyVoid(comparison_.policy(), *round));
      counting += round->why_void().empty() ? 1 : 0;
      if (phase != "confirmation") {
        visits_ += round->visits_size();
        visits_seconds_ += source_.Seconds() - begin;
      }
      Keep(*std::move(round));
    }
  }

  // What a visit to `cells` is planned to take.
  double Planned(const std::vector<size_t>& cells) const {
    double seconds = kStartSeconds;
    for (const size_t i : cells) seconds += cells_[i].c.seconds + cells_[i].c.warmup_seconds;
    return seconds;
  }

  // By what a visit to all cells has taken so far.
  double RoundSeconds(const std::string& phase, const std::vector<size_t>& cells) const {
    const double whole = visits_ == 0 ? plan_.visit_seconds : visits_seconds_ / visits_;
    const double arms = phase == "confirmation" ? 2 : 3;
    return arms * whole * Planned(cells) / Planned(all_);
  }

  bool HasTimeFor(const std::string& phase, const std::vector<size_t>& cells) {
    const double next = RoundSeconds(phase, cells);
    if (source_.Seconds() + next <= comparison_.policy().budget_seconds()) return true;
    comparison_.set_outcome("out_of_time");
    return false;
  }

  void Keep(v1::Round round) {
    KeepWrongOnce(&round);
    *comparison_.add_rounds() = std::move(round);
    if (on_round_) on_round_(comparison_);
  }

  // Images that were answered wrongly are the same each time, but for a server that is not
  // repeatable, which distinct_outputs says: once is enough.
  void KeepWrongOnce(v1::Round* round) {
    for (v1::ArmVisit& visit : *round->mutable_visits()) {
      for (v1::CellSample& cell : *visit.mutable_cells()) {
        if (!cell.accuracy().has_top1()) continue;
        const bool is_first = listed_.emplace(visit.arm(), cell.key()).second;
        if (!is_first) cell.mutable_accuracy()->clear_wrong();
      }
    }
  }

  void Fail(const absl::Status& status) { SetFailed(status, &comparison_); }

  void Look() {
    verdicts_ = JudgeCells(comparison_.policy(), cells_, comparison_.rounds());
    comparison_.set_looks(comparison_.looks() + 1);
  }

  std::vector<size_t> Regressed() const {
    const std::vector<std::string> keys = RegressedKeys(verdicts_);
    std::vector<size_t> regressed;
    for (size_t i = 0; i < cells_.size(); ++i) {
      if (std::find(keys.begin(), keys.end(), cells_[i].c.key) != keys.end())
        regressed.push_back(i);
    }
    return regressed;
  }

  void End() {
    // A regression that nobody confirmed is none yet: the budget or the user ended it before.
    if (plan_.confirmation > 0) Confirm(comparison_.rounds(), &verdicts_);
    for (v1::CellVerdict& verdict : verdicts_) *comparison_.add_cells() = std::move(verdict);
    *comparison_.mutable_accuracy() = JudgeAccuracy(comparison_.policy(), comparison_.rounds());
    comparison_.set_duration_seconds(source_.Seconds());
    Conclude(&comparison_);
  }

  const std::vector<GatedCell>& cells_;
  const GatePlan& plan_;
  RoundSource& source_;
  const std::function<void(const v1::Comparison&)>& on_round_;
  v1::Comparison& comparison_;
  std::vector<v1::CellVerdict> verdicts_;
  std::set<std::pair<std::string, std::string>> listed_;  // arm and cell with wrong images kept
  std::vector<size_t> all_;                               // cells, by number
  int visits_ = 0;                                        // to all of them ...
  double visits_seconds_ = 0;                             // ... and what they took
};

}  // namespace

void RunGate(const std::vector<GatedCell>& cells, const GatePlan& plan, RoundSource& source,
             const std::function<void(const v1::Comparison& so_far)>& on_round,
             v1::Comparison* comparison) {
  GateRun(cells, plan, source, on_round, comparison).Run();
}

void EndWithoutRounds(const absl::Status& why, v1::Comparison* comparison) {
  *comparison->mutable_accuracy() = JudgeAccuracy(comparison->policy(), {});
  if (absl::IsInvalidArgument(why)) return SetRefused(why, comparison);
  SetFailed(why, comparison);
  Conclude(comparison);
}

}  // namespace normbench
