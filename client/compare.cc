// SPDX-License-Identifier: Apache-2.0
#include "client/compare.h"

#include <iostream>

#include "absl/strings/str_cat.h"
#include "bench/gate/comparison_text.h"
#include "bench/gate/gated_metric.h"
#include "bench/gate/policy.h"
#include "bench/run/run_id.h"
#include "client/compare_servers.h"
#include "client/cpu_split.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/folder_lock.h"
#include "client/results_folder.h"
#include "client/verdict_files.h"

namespace normbench {
namespace {

absl::Status Check(const CompareArguments& arguments, const v1::Policy& policy) {
  if (arguments.fault_stall_seconds > 0 && !arguments.allow_faults) {
    return absl::InvalidArgumentError("--fault-stall needs --allow-faults");
  }
  if (!IsAddress(arguments.a) && !IsAddress(arguments.b)) return CheckOutputs(arguments.outputs);
  for (const v1::GatedMetric& metric : policy.metrics()) {
    if (metric.metric() != kCpuPerRequest) continue;
    return absl::InvalidArgumentError(absl::StrCat(metric.metric(),
                                                   " is known of servers that are started for the "
                                                   "comparison: give a command, not an address"));
  }
  return CheckOutputs(arguments.outputs);
}

int DryRun(const v1::Policy& policy) {
  const auto plan = DescribePlan(policy);
  if (!plan.ok()) return Fail(plan.status());
  std::cout << *plan;
  return 0;
}

// Keeps the comparison and shows what it found.
int Finish(const CompareArguments& arguments, const std::string& folder,
           const v1::Comparison& comparison) {
  absl::Status written = WriteTogether(folder, ComparisonFiles(comparison));
  written.Update(WriteOutputs(comparison, arguments.outputs));
  std::cout << ComparisonConsole(comparison);
  if (written.ok()) std::cout << "wrote  " << folder << "/comparison.json\n";
  std::cout << std::flush;
  return WorstOf(comparison.exit_code(), written);
}

v1::Comparison Measure(const CompareArguments& arguments, const CpuSplit& cpus,
                       ServersToCompare what, const RunContext& context) {
  Progress progress(std::cerr, ProgressOnTerminal());
  what.allocator = context.allocator;
  what.show_plan = [](const std::string& text) { std::cout << text << std::flush; };
  return CompareServers(what, {.a = arguments.a,
                               .b = arguments.b,
                               .cpus = cpus,
                               .start_seconds = arguments.start_seconds,
                               .seed = what.policy.seed(),
                               .fault_stall_seconds = arguments.fault_stall_seconds,
                               .stop = context.stop,
                               .progress = &progress});
}

}  // namespace

int Compare(const CompareArguments& arguments, const RunContext& context) {
  const auto policy = ReadPolicyFile(arguments.policy);
  if (!policy.ok()) return Fail(policy.status());
  if (absl::Status status = Check(arguments, *policy); !status.ok()) return Fail(status);
  if (arguments.dry_run) return DryRun(*policy);
  // Servers that are there already have their processors.
  const bool starts = !IsAddress(arguments.a) || !IsAddress(arguments.b);
  const CpuSplit cpus = arguments.pin && starts ? SplitCpus() : CpuSplit();
  if (absl::Status pinned = UseCpus(cpus.client); !pinned.ok()) return Fail(pinned);
  const ServersToCompare what = {.policy = *policy, .run_id = NewRunId(), .started = FormatNow()};
  const std::string folder = ResultsFolder(arguments.out, what.started, what.run_id);
  if (absl::Status status = MakeFolder(folder); !status.ok()) return Fail(status);
  const auto lock = FolderLock::Take(folder);
  if (!lock.ok()) return Fail(lock.status());
  return Finish(arguments, folder, Measure(arguments, cpus, what, context));
}

}  // namespace normbench
