// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/gate_plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/gate/policy.h"
#include "bench/report/format.h"
#include "bench/report/plan.h"
#include "bench/stats/detectable.h"
#include "bench/stats/signed_rank.h"

namespace normbench {
namespace {

constexpr double kLeast = 0.1;  // seconds of measuring a cell, and of warming it up
constexpr double kMost = 2;
constexpr double kArms = 3;       // of a round
constexpr double kFreshArms = 2;  // of one that confirms
// Of the budget: visits may take a little longer than one that was tried, and some rounds are void.
constexpr double kPlanned = 0.95;

double Visits(const v1::Policy& policy) {
  return kArms * (policy.rounds() + policy.extension_rounds()) +
         kFreshArms * policy.confirmation_rounds();
}

void Budget(double seconds, GatedCell* cell) {
  if (cell->c.seconds == 0) cell->c.seconds = std::max(seconds, cell->least_seconds);
  if (cell->c.warmup_seconds == 0) {
    cell->c.warmup_seconds = std::max(kLeast, cell->c.seconds / 4);
  }
}

std::vector<GatedCell> Budgeted(std::vector<GatedCell> cells, double seconds) {
  for (GatedCell& cell : cells) Budget(seconds, &cell);
  return cells;
}

double Estimate(const std::vector<GatedCell>& cells) {
  return kStartSeconds + PlanOf(CasesOf(cells)).seconds;
}

// A visit to all cells, `seconds` for those without any. Cells that last longer than they did in
// the rehearsal take as much longer than estimated as it did, up to twice: what a slow start took
// does not grow with them. Shorter ones save nothing that is sure.
double VisitSeconds(const std::vector<GatedCell>& cells, double seconds,
                    const Rehearsal& rehearsal) {
  const double estimate = Estimate(Budgeted(cells, seconds));
  if (rehearsal.visit_seconds == 0) return estimate;
  const double rehearsed = Estimate(RehearsedCells(cells));
  const double slower =
      (rehearsal.visit_seconds - kStartSeconds) / std::max(kLeast, rehearsed - kStartSeconds);
  return rehearsal.visit_seconds +
         std::clamp(slower, 1.0, 2.0) * std::max(0.0, estimate - rehearsed);
}

// The most that fits, in steps that nobody would tell apart.
double SecondsThatFit(const std::vector<GatedCell>& cells, double visit_seconds,
                      const Rehearsal& rehearsal) {
  double seconds = kMost;
  while (seconds > kLeast && VisitSeconds(cells, seconds, rehearsal) > visit_seconds) {
    seconds -= 0.05;
  }
  return std::max(seconds, kLeast);
}

v1::Policy WithRounds(v1::Policy policy, int rounds) {
  policy.set_rounds(rounds);
  if (!policy.has_extension_rounds()) policy.set_extension_rounds(rounds);
  return policy;
}

// The policy with rounds, its own or as many as `seconds` pay for.
v1::Policy Completed(const v1::Policy& policy, double seconds, double visit_seconds) {
  if (policy.rounds() > 0) return WithRounds(policy, policy.rounds());
  int rounds = kMostUsualRounds;
  while (rounds > kFewestUsualRounds &&
         Visits(WithRounds(policy, rounds)) * visit_seconds > seconds) {
    --rounds;
  }
  return WithRounds(policy, rounds);
}

// What else would do: fewer rounds, with an extension as long where there is one and the
// confirmation as it is, unless those would be too few to decide anything.
std::string FewerRounds(const v1::Policy& policy, double seconds, double visit_seconds) {
  const double affordable = seconds / visit_seconds;
  const double left = affordable - kFreshArms * policy.confirmation_rounds();
  const bool extended = policy.extension_rounds() > 0;
  const double rounds = std::floor(left / (extended ? 2 * kArms : kArms));
  if (rounds < kFewestRounds) return ", or fewer or shorter cells";
  if (!extended) return absl::StrFormat(", or rounds of %.0f", rounds);
  return absl::StrFormat(", or rounds and extension_rounds of %.0f each", rounds);
}

// `visit`: what was found out, or what a visit to all cells takes by estimate.
absl::Status TooLong(const v1::Policy& policy, const std::vector<GatedCell>& cells,
                     const Rehearsal& visit) {
  constexpr double kReserve = 1.1;  // what was spent may be a little more the next time
  const double visits = visit.visit_seconds * Visits(policy);
  const double needed = std::ceil(visits / kPlanned + kReserve * visit.spent_seconds);
  const double left = kPlanned * (policy.budget_seconds() - visit.spent_seconds);
  return absl::InvalidArgumentError(absl::StrFormat(
      "budget_seconds: %g; a visit to all cells takes about %s, all %.0f of them %s: it would take "
      "a budget of %.0f with 5 %% kept back%s%s",
      policy.budget_seconds(), FormatSeconds(visit.visit_seconds), Visits(policy),
      FormatDuration(std::ceil(visits)), needed, FewerRounds(policy, left, visit.visit_seconds),
      LongestCell(cells)));
}

size_t Comparisons(const std::vector<GatedCell>& cells) {
  size_t comparisons = 0;
  for (const GatedCell& cell : cells) comparisons += cell.metrics.size();
  return comparisons;
}

// With fewer rounds not even a change in all of them would be significant after Holm.
absl::Status CheckRounds(const v1::Policy& policy, size_t comparisons) {
  if (comparisons == 0) return absl::OkStatus();
  const int rounds = policy.rounds() + policy.extension_rounds();
  const int needed = SignedRankNeeded(LookAlpha(policy) / static_cast<double>(comparisons));
  if (rounds >= needed) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "rounds: %d with the extension; to tell anything of %d cells x metrics at alpha %g it takes "
      "at least %d",
      rounds, comparisons, policy.alpha(), needed));
}

}  // namespace

absl::Status CheckPlan(const v1::Policy& policy, std::vector<GatedCell> cells) {
  const auto with = [&](int usual) {
    return WithRounds(policy, policy.rounds() > 0 ? policy.rounds() : usual);
  };
  if (absl::Status s = CheckRounds(with(kMostUsualRounds), Comparisons(cells)); !s.ok()) return s;
  if (absl::Status s = SetLeastSeconds({}, &cells); !s.ok()) return s;
  double least = 0;
  for (const GatedCell& cell : Budgeted(cells, kLeast)) {
    if (KindOf(cell.c.spec) != CaseKind::kInvariance) {
      least += cell.c.seconds + cell.c.warmup_seconds;
    }
  }
  const double visits = Visits(with(kFewestUsualRounds));
  if (visits * least <= policy.budget_seconds()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "budget_seconds: %g; the cells last %s, in %.0f visits: it would take more than %.0f%s",
      policy.budget_seconds(), FormatSeconds(least), visits, std::ceil(visits * least),
      LongestCell(cells)));
}

absl::StatusOr<GatePlan> PlanGate(v1::Policy* policy, std::vector<GatedCell>* cells,
                                  const Rehearsal& rehearsal) {
  if (absl::Status s = SetLeastSeconds(rehearsal, cells); !s.ok()) return s;
  const double budget = kPlanned * (policy->budget_seconds() - rehearsal.spent_seconds);
  *policy = Completed(*policy, budget, VisitSeconds(*cells, kUsualSeconds, rehearsal));
  if (absl::Status s = CheckRounds(*policy, Comparisons(*cells)); !s.ok()) return s;
  const double seconds = SecondsThatFit(*cells, budget / Visits(*policy), rehearsal);
  GatePlan plan{.rounds = policy->rounds(),
                .extension = policy->extension_rounds(),
                .confirmation = policy->confirmation_rounds()};
  plan.visit_seconds = VisitSeconds(*cells, seconds, rehearsal);
  plan.first_look_seconds = plan.visit_seconds * kArms * plan.rounds;
  plan.most_seconds = plan.visit_seconds * Visits(*policy);
  if (plan.most_seconds > budget) {
    return TooLong(*policy, *cells,
                   {.visit_seconds = plan.visit_seconds, .spent_seconds = rehearsal.spent_seconds});
  }
  *cells = Budgeted(std::move(*cells), seconds);
  return plan;
}

absl::StatusOr<GatePlan> PlanForBoth(v1::Policy* policy, std::vector<GatedCell>* cells,
                                     const Rehearsal& a, const Rehearsal& b) {
  Rehearsal both = SlowerOf(a, b);
  both.visit_seconds = (2 * a.visit_seconds + b.visit_seconds) / 3;
  v1::Policy tried_policy = *policy;
  std::vector<GatedCell> tried_cells = *cells;
  const auto plan = PlanGate(&tried_policy, &tried_cells, both);
  if (!plan.ok()) {
    Rehearsal alone = a;
    alone.spent_seconds = both.spent_seconds;
    return PlanGate(policy, cells, alone);
  }
  *policy = std::move(tried_policy);
  *cells = std::move(tried_cells);
  return plan;
}

std::string GatePlanLines(const v1::Policy& policy, const GatePlan& plan,
                          const std::vector<GatedCell>& cells) {
  const size_t comparisons = Comparisons(cells);
  const int rounds = plan.rounds + plan.extension;
  const double alpha = LookAlpha(policy) / static_cast<double>(std::max<size_t>(1, comparisons));
  const auto detectable = [&](double sd) {
    return 100 * DetectableEffect(policy.metrics(0).margin(), sd, rounds, alpha, kPlannedPower);
  };
  return absl::StrFormat(
      "plan   %d comparisons, %d rounds A A' B of about %s: %s to the first look, at most %s of "
      "%s\n"
      "       detects (80 %%) in %d rounds at noise of 3 %%: +%.1f %%, 5 %%: +%.1f %%, 8 %%: +%.1f "
      "%%; "
      "margin %.3g %%\n",
      comparisons, plan.rounds, FormatSeconds(kArms * plan.visit_seconds),
      FormatDuration(std::round(plan.first_look_seconds)),
      FormatDuration(std::round(plan.most_seconds)), FormatDuration(policy.budget_seconds()),
      rounds, detectable(0.03), detectable(0.05), detectable(0.08),
      100 * policy.metrics(0).margin());
}

}  // namespace normbench
