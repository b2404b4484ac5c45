// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/gate_plan.h"

#include <algorithm>
#include <cmath>

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

double Visits(const v1::Policy& policy) {
  return kArms * (policy.rounds() + policy.extension_rounds()) +
         kFreshArms * policy.confirmation_rounds();
}

void Budget(double seconds, GatedCell* cell) {
  if (cell->c.seconds == 0) cell->c.seconds = seconds;
  if (cell->c.warmup_seconds == 0) {
    cell->c.warmup_seconds = std::max(kLeast, cell->c.seconds / 4);
  }
}

double VisitSeconds(const std::vector<GatedCell>& cells, double seconds) {
  std::vector<GatedCell> tried = cells;
  for (GatedCell& cell : tried) Budget(seconds, &cell);
  return kStartSeconds + PlanOf(CasesOf(tried)).seconds;
}

// The most that fits, in steps that nobody would tell apart.
double SecondsThatFit(const std::vector<GatedCell>& cells, double visit_seconds) {
  double seconds = kMost;
  while (seconds > kLeast && VisitSeconds(cells, seconds) > visit_seconds) seconds -= 0.05;
  return std::max(seconds, kLeast);
}

// What else would do: fewer rounds, with an extension as long where there is one and the
// confirmation as it is, unless those would be too few to decide anything.
std::string FewerRounds(const v1::Policy& policy, double visit_seconds) {
  const double affordable = policy.budget_seconds() / visit_seconds;
  const double left = affordable - kFreshArms * policy.confirmation_rounds();
  const bool extended = policy.extension_rounds() > 0;
  const double rounds = std::floor(left / (extended ? 2 * kArms : kArms));
  if (rounds < kFewestRounds) return ", or fewer or shorter cells";
  if (!extended) return absl::StrFormat(", or rounds of %.0f", rounds);
  return absl::StrFormat(", or rounds and extension_rounds of %.0f each", rounds);
}

absl::Status TooLong(const v1::Policy& policy, double visit_seconds) {
  const double needed = std::ceil(visit_seconds * Visits(policy));
  return absl::InvalidArgumentError(absl::StrFormat(
      "budget_seconds: %g; a visit to all cells takes about %s, all %.0f of them %s: it would take "
      "a budget of %.0f%s",
      policy.budget_seconds(), FormatSeconds(visit_seconds), Visits(policy), FormatDuration(needed),
      needed, FewerRounds(policy, visit_seconds)));
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

absl::StatusOr<GatePlan> PlanGate(const v1::Policy& policy, std::vector<GatedCell>* cells) {
  if (absl::Status s = CheckRounds(policy, Comparisons(*cells)); !s.ok()) return s;
  const double seconds = SecondsThatFit(*cells, policy.budget_seconds() / Visits(policy));
  for (GatedCell& cell : *cells) Budget(seconds, &cell);
  GatePlan plan{.rounds = policy.rounds(),
                .extension = policy.extension_rounds(),
                .confirmation = policy.confirmation_rounds()};
  plan.visit_seconds = kStartSeconds + PlanOf(CasesOf(*cells)).seconds;
  plan.first_look_seconds = plan.visit_seconds * kArms * plan.rounds;
  plan.most_seconds = plan.visit_seconds * Visits(policy);
  if (plan.most_seconds > policy.budget_seconds()) return TooLong(policy, plan.visit_seconds);
  return plan;
}

std::string GatePlanLines(const v1::Policy& policy, const GatePlan& plan, size_t comparisons) {
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
