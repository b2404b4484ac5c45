// SPDX-License-Identifier: Apache-2.0
#include "client/compare_servers.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bench/gate/comparison_text.h"
#include "bench/gate/gate_plan.h"
#include "bench/gate/gate_run.h"
#include "bench/host/host.h"
#include "bench/report/environment.h"
#include "bench/run/run_id.h"

namespace normbench {
namespace {

struct Prepared {
  std::vector<GatedCell> cells;
  GatePlan plan;
};

absl::StatusOr<Prepared> Prepare(const v1::Policy& policy, const ImplDevices& devices) {
  auto cells = GatedCells(policy, devices);
  if (!cells.ok()) return cells.status();
  Prepared prepared{.cells = *std::move(cells), .plan = {}};
  const auto plan = PlanGate(policy, &prepared.cells);
  if (!plan.ok()) return plan.status();
  prepared.plan = *plan;
  return prepared;
}

std::string PlanText(const v1::Policy& policy, const Prepared& prepared) {
  size_t comparisons = 0;
  for (const GatedCell& cell : prepared.cells) comparisons += cell.metrics.size();
  return GatePlanLines(policy, prepared.plan, comparisons);
}

v1::Comparison NewComparison(const v1::Policy& policy, const std::string& allocator) {
  v1::Comparison comparison;
  comparison.set_schema_version(kComparisonVersion);
  comparison.set_run_id(NewRunId());
  comparison.set_started(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::Now(), absl::UTCTimeZone()));
  *comparison.mutable_policy() = policy;
  *comparison.mutable_client() =
      MakeEnvironment(ReadHostFacts(), {{"grpc", grpc::Version()}}, allocator);
  return comparison;
}

absl::Status In(const char* arm, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(arm, ": ", status.message()));
}

}  // namespace

absl::StatusOr<std::string> DescribePlan(const v1::Policy& policy) {
  const auto prepared = Prepare(policy, {});
  if (!prepared.ok()) return prepared.status();
  std::string text = PlanText(policy, *prepared);
  for (const GatedCell& cell : prepared->cells) {
    for (const v1::GatedMetric& metric : cell.metrics) {
      absl::StrAppend(&text, cell.c.key, "  ", metric.metric(), "  margin ", 100 * metric.margin(),
                      " %\n");
    }
  }
  return text;
}

absl::StatusOr<v1::Comparison> CompareServers(const ServersToCompare& what,
                                              const ArmOptions& arms) {
  v1::Comparison comparison = NewComparison(what.policy, what.allocator);
  ArmRounds rounds(arms);
  const auto a = rounds.Describe("A");
  if (!a.ok()) return In("A", a.status());
  const auto b = rounds.Describe("B");
  if (!b.ok()) return In("B", b.status());
  *comparison.mutable_a() = a->info;
  *comparison.mutable_b() = b->info;
  const auto prepared = Prepare(what.policy, a->devices);
  if (!prepared.ok()) return prepared.status();
  if (what.show_plan) what.show_plan(PlanText(what.policy, *prepared));
  rounds.SetCells(&prepared->cells);
  const int visits = 3 * prepared->plan.rounds * static_cast<int>(prepared->cells.size());
  if (arms.progress != nullptr) arms.progress->Begin(visits, prepared->plan.first_look_seconds);
  RunGate(prepared->cells, prepared->plan, rounds, nullptr, &comparison);
  return comparison;
}

}  // namespace normbench
