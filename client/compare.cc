// SPDX-License-Identifier: Apache-2.0
#include "client/compare.h"

#include <grpcpp/grpcpp.h>

#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bench/gate/comparison_text.h"
#include "bench/gate/gate_plan.h"
#include "bench/gate/gate_run.h"
#include "bench/gate/gated_metric.h"
#include "bench/gate/policy.h"
#include "bench/host/host.h"
#include "bench/report/environment.h"
#include "bench/run/run_id.h"
#include "client/arm_rounds.h"
#include "client/cpu_split.h"
#include "client/failure.h"
#include "client/folder_lock.h"
#include "client/progress.h"
#include "client/results_folder.h"
#include "client/verdict_files.h"

namespace normbench {
namespace {

// What is known of a comparison before anything is started.
struct Setup {
  v1::Policy policy;
  std::vector<GatedCell> cells;
  GatePlan plan;
};

size_t Comparisons(const std::vector<GatedCell>& cells) {
  size_t sum = 0;
  for (const GatedCell& cell : cells) sum += cell.metrics.size();
  return sum;
}

absl::Status Check(const CompareArguments& arguments, const v1::Policy& policy) {
  if (arguments.fault_stall_seconds > 0 && !arguments.allow_faults) {
    return absl::InvalidArgumentError("--fault-stall needs --allow-faults");
  }
  if (!IsAddress(arguments.a) && !IsAddress(arguments.b)) return CheckOutputs(arguments.outputs);
  for (const v1::GatedMetric& metric : policy.metrics()) {
    if (metric.metric() != kCpuPerRequest) continue;
    return absl::InvalidArgumentError(absl::StrCat(std::string(kCpuPerRequest),
                                                   " is known of servers that are started for the "
                                                   "comparison: give a command, not an address"));
  }
  return CheckOutputs(arguments.outputs);
}

absl::StatusOr<Setup> Prepare(const v1::Policy& policy, const ImplDevices& devices) {
  Setup setup{.policy = policy, .cells = {}, .plan = {}};
  auto cells = GatedCells(policy, devices);
  if (!cells.ok()) return cells.status();
  setup.cells = *std::move(cells);
  const auto plan = PlanGate(policy, &setup.cells);
  if (!plan.ok()) return plan.status();
  setup.plan = *plan;
  return setup;
}

std::string PlanText(const Setup& setup) {
  return GatePlanLines(setup.policy, setup.plan, Comparisons(setup.cells));
}

int DryRun(const v1::Policy& policy) {
  const auto setup = Prepare(policy, {});
  if (!setup.ok()) return Fail(setup.status());
  std::cout << PlanText(*setup);
  for (const GatedCell& cell : setup->cells) {
    for (const v1::GatedMetric& metric : cell.metrics) {
      std::cout << cell.c.key << "  " << metric.metric() << "  margin " << 100 * metric.margin()
                << " %\n";
    }
  }
  return 0;
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

// Keeps the comparison and shows what it found.
int Finish(const CompareArguments& arguments, const std::string& folder,
           const v1::Comparison& comparison) {
  absl::Status written = WriteTogether(folder, ComparisonFiles(comparison));
  written.Update(WriteOutputs(comparison, arguments.outputs));
  std::cout << ComparisonConsole(comparison) << "wrote  " << folder << "/comparison.json\n"
            << std::flush;
  return WorstOf(comparison.exit_code(), written);
}

// Measures everything. REQUIRES: `folder` is there and nobody else writes to it.
int Execute(const CompareArguments& arguments, const RunContext& context, const v1::Policy& policy,
            const std::string& folder, v1::Comparison* comparison) {
  const CpuSplit cpus = arguments.pin ? SplitCpus() : CpuSplit();
  if (absl::Status pinned = UseCpus(cpus.client); !pinned.ok()) return Fail(pinned);
  Progress progress(std::cerr, ProgressOnTerminal());
  ArmRounds rounds({.a = arguments.a,
                    .b = arguments.b,
                    .cpus = cpus,
                    .start_seconds = arguments.start_seconds,
                    .seed = policy.seed(),
                    .fault_stall_seconds = arguments.fault_stall_seconds,
                    .stop = context.stop,
                    .progress = &progress});
  const auto a = rounds.Describe("A");
  if (!a.ok()) return Fail(a.status());
  const auto b = rounds.Describe("B");
  if (!b.ok()) return Fail(b.status());
  *comparison->mutable_a() = a->info;
  *comparison->mutable_b() = b->info;
  const auto setup = Prepare(policy, a->devices);
  if (!setup.ok()) return Fail(setup.status());
  std::cout << PlanText(*setup) << std::flush;
  rounds.SetCells(&setup->cells);
  const int visits = 3 * setup->plan.rounds * static_cast<int>(setup->cells.size());
  progress.Begin(visits, setup->plan.first_look_seconds);
  RunGate(setup->cells, setup->plan, rounds, nullptr, comparison);
  return Finish(arguments, folder, *comparison);
}

}  // namespace

int Compare(const CompareArguments& arguments, const RunContext& context) {
  const auto policy = ReadPolicyFile(arguments.policy);
  if (!policy.ok()) return Fail(policy.status());
  if (absl::Status status = Check(arguments, *policy); !status.ok()) return Fail(status);
  if (arguments.dry_run) return DryRun(*policy);
  // What is wrong with the cells is known without a server.
  if (const auto preview = Prepare(*policy, {}); !preview.ok()) return Fail(preview.status());
  v1::Comparison comparison = NewComparison(*policy, context.allocator);
  const std::string folder =
      ResultsFolder(arguments.out, comparison.started(), comparison.run_id());
  if (absl::Status status = MakeFolder(folder); !status.ok()) return Fail(status);
  const auto lock = FolderLock::Take(folder);
  if (!lock.ok()) return Fail(lock.status());
  return Execute(arguments, context, *policy, folder, &comparison);
}

}  // namespace normbench
