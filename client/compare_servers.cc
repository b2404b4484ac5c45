// SPDX-License-Identifier: Apache-2.0
#include "client/compare_servers.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/gate/comparison_text.h"
#include "bench/gate/gate_plan.h"
#include "bench/gate/gate_run.h"
#include "bench/host/host.h"
#include "bench/report/environment.h"
#include "bench/report/plan.h"

namespace normbench {
namespace {

struct Prepared {
  v1::Policy policy;
  std::vector<GatedCell> cells;
  GatePlan plan;
};

std::string PlanText(const Prepared& prepared) {
  return GatePlanLines(prepared.policy, prepared.plan, prepared.cells);
}

struct BothRehearsed {
  Rehearsal a, b;
};

absl::StatusOr<BothRehearsed> Rehearse(const std::vector<GatedCell>& cells, ArmRounds* rounds,
                                       Progress* progress) {
  const std::vector<GatedCell> rehearsed = RehearsedCells(cells);
  if (progress != nullptr) {
    progress->Begin(2 * static_cast<int>(rehearsed.size()), 2 * PlanOf(CasesOf(rehearsed)).seconds);
  }
  const auto a = rounds->Rehearse("A", rehearsed);
  if (!a.ok()) return a.status();
  const auto b = rounds->Rehearse("B", rehearsed);
  if (!b.ok()) return b.status();
  return BothRehearsed{.a = *a, .b = *b};
}

absl::StatusOr<Prepared> PlanFrom(const absl::StatusOr<BothRehearsed>& rehearsed,
                                  const v1::Policy& policy, const std::vector<GatedCell>& cells) {
  if (!rehearsed.ok()) return rehearsed.status();
  Prepared prepared{.policy = policy, .cells = cells, .plan = {}};
  const auto plan = PlanForBoth(&prepared.policy, &prepared.cells, rehearsed->a, rehearsed->b);
  if (!plan.ok()) return plan.status();
  prepared.plan = *plan;
  return prepared;
}

v1::Comparison NewComparison(const ServersToCompare& what, const ArmOptions& arms) {
  v1::Comparison comparison;
  comparison.set_schema_version(kComparisonVersion);
  comparison.set_run_id(what.run_id);
  comparison.set_started(what.started);
  *comparison.mutable_policy() = what.policy;
  comparison.mutable_a()->set_source(arms.a);
  comparison.mutable_b()->set_source(arms.b);
  *comparison.mutable_client() =
      MakeEnvironment(ReadHostFacts(), {{"grpc", grpc::Version()}}, what.allocator);
  return comparison;
}

// Whatever an arm says, it is no mistake of the policy.
absl::Status In(const char* arm, const absl::Status& status) {
  const auto code =
      absl::IsCancelled(status) ? absl::StatusCode::kCancelled : absl::StatusCode::kUnavailable;
  return absl::Status(code, absl::StrCat(arm, ": ", status.message()));
}

// What is wrong with the policy and is known without a server.
absl::Status CheckPolicy(const v1::Policy& policy) {
  auto cells = GatedCells(policy, {});
  return cells.ok() ? CheckPlan(policy, *std::move(cells)) : cells.status();
}

// The cells, for what A has to compute them with.
absl::StatusOr<std::vector<GatedCell>> Describe(const v1::Policy& policy, ArmRounds* rounds,
                                                v1::Comparison* comparison) {
  const auto a = rounds->Describe("A");
  if (!a.ok()) return In("A", a.status());
  *comparison->mutable_a() = a->info;
  const auto b = rounds->Describe("B");
  if (!b.ok()) return In("B", b.status());
  *comparison->mutable_b() = b->info;
  return GatedCells(policy, a->devices);
}

// All that comes before the first round.
absl::StatusOr<Prepared> Prepare(const v1::Policy& policy, ArmRounds* rounds, Progress* progress,
                                 v1::Comparison* comparison) {
  if (absl::Status fits = CheckPolicy(policy); !fits.ok()) return fits;
  const auto cells = Describe(policy, rounds, comparison);
  if (!cells.ok()) return cells.status();
  auto rehearsed = Rehearse(*cells, rounds, progress);
  auto prepared = PlanFrom(rehearsed, policy, *cells);
  if (rehearsed.ok() && !prepared.ok()) {  // one disturbed visit is no reason to refuse
    rehearsed = Rehearse(*cells, rounds, progress);
    prepared = PlanFrom(rehearsed, policy, *cells);
  }
  return prepared;
}

}  // namespace

absl::StatusOr<std::string> DescribePlan(const v1::Policy& policy) {
  if (absl::Status fits = CheckPolicy(policy); !fits.ok()) return fits;
  auto cells = GatedCells(policy, {});
  if (!cells.ok()) return cells.status();
  Prepared prepared{.policy = policy, .cells = *std::move(cells), .plan = {}};
  const auto plan = PlanGate(&prepared.policy, &prepared.cells);
  if (!plan.ok()) return plan.status();
  prepared.plan = *plan;
  std::string text = PlanText(prepared);
  for (const GatedCell& cell : prepared.cells) {
    for (const v1::GatedMetric& metric : cell.metrics) {
      absl::StrAppend(&text, cell.c.key, "  ", metric.metric(), "  margin ", 100 * metric.margin(),
                      " %\n");
    }
  }
  return text;
}

v1::Comparison CompareServers(const ServersToCompare& what, const ArmOptions& arms) {
  v1::Comparison comparison = NewComparison(what, arms);
  ArmOptions options = arms;
  options.budget_seconds = what.policy.budget_seconds();
  ArmRounds rounds(options);
  const auto prepared = Prepare(what.policy, &rounds, arms.progress, &comparison);
  if (!prepared.ok()) {
    comparison.set_duration_seconds(rounds.Seconds());
    EndWithoutRounds(prepared.status(), &comparison);
    return comparison;
  }
  *comparison.mutable_policy() = prepared->policy;
  if (what.show_plan) what.show_plan(PlanText(*prepared));
  rounds.SetCells(&prepared->cells);
  RunGate(prepared->cells, prepared->plan, rounds, nullptr, &comparison);
  return comparison;
}

}  // namespace normbench
