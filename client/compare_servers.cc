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

absl::StatusOr<Prepared> Prepare(const absl::StatusOr<BothRehearsed>& rehearsed,
                                 const v1::Policy& policy, const std::vector<GatedCell>& cells) {
  if (!rehearsed.ok()) return rehearsed.status();
  Prepared prepared{.policy = policy, .cells = cells, .plan = {}};
  const auto plan = PlanForBoth(&prepared.policy, &prepared.cells, rehearsed->a, rehearsed->b);
  if (!plan.ok()) return plan.status();
  prepared.plan = *plan;
  return prepared;
}

v1::Comparison NewComparison(const ServersToCompare& what) {
  v1::Comparison comparison;
  comparison.set_schema_version(kComparisonVersion);
  comparison.set_run_id(what.run_id);
  comparison.set_started(what.started);
  *comparison.mutable_policy() = what.policy;
  *comparison.mutable_client() =
      MakeEnvironment(ReadHostFacts(), {{"grpc", grpc::Version()}}, what.allocator);
  return comparison;
}

absl::Status In(const char* arm, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(arm, ": ", status.message()));
}

}  // namespace

absl::Status CheckPolicy(const v1::Policy& policy) {
  auto cells = GatedCells(policy, {});
  return cells.ok() ? CheckPlan(policy, *std::move(cells)) : cells.status();
}

absl::StatusOr<std::string> DescribePlan(const v1::Policy& policy) {
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

absl::StatusOr<v1::Comparison> CompareServers(const ServersToCompare& what,
                                              const ArmOptions& arms) {
  v1::Comparison comparison = NewComparison(what);
  ArmRounds rounds(arms);
  const auto a = rounds.Describe("A");
  if (!a.ok()) return In("A", a.status());
  const auto b = rounds.Describe("B");
  if (!b.ok()) return In("B", b.status());
  *comparison.mutable_a() = a->info;
  *comparison.mutable_b() = b->info;
  const auto cells = GatedCells(what.policy, a->devices);
  if (!cells.ok()) return cells.status();
  auto rehearsed = Rehearse(*cells, &rounds, arms.progress);
  auto prepared = Prepare(rehearsed, what.policy, *cells);
  if (rehearsed.ok() && !prepared.ok()) {  // one disturbed visit is no reason to refuse
    rehearsed = Rehearse(*cells, &rounds, arms.progress);
    prepared = Prepare(rehearsed, what.policy, *cells);
  }
  if (!rehearsed.ok()) {
    comparison.set_duration_seconds(rounds.Seconds());
    EndWithoutRounds(rehearsed.status(), &comparison);
    return comparison;
  }
  if (!prepared.ok()) return prepared.status();
  *comparison.mutable_policy() = prepared->policy;
  if (what.show_plan) what.show_plan(PlanText(*prepared));
  rounds.SetCells(&prepared->cells);
  const int visits = 3 * prepared->plan.rounds * static_cast<int>(prepared->cells.size());
  if (arms.progress != nullptr) arms.progress->Begin(visits, prepared->plan.first_look_seconds);
  RunGate(prepared->cells, prepared->plan, rounds, nullptr, &comparison);
  return comparison;
}

}  // namespace normbench
