// SPDX-License-Identifier: Apache-2.0
#include "client/run.h"

#include <iostream>
#include <numeric>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "bench/host/host.h"
#include "bench/load/pacing.h"
#include "bench/report/console.h"
#include "bench/report/exit_code.h"
#include "bench/report/expand.h"
#include "bench/report/find_max.h"
#include "bench/report/json.h"
#include "bench/report/plan.h"
#include "bench/report/warnings.h"
#include "bench/run/channel.h"
#include "bench/run/rounds.h"
#include "bench/run/run_id.h"
#include "bench/run/surroundings.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/folder_lock.h"
#include "client/metrics/exporter.h"
#include "client/results_folder.h"
#include "client/run_check.h"
#include "client/run_results.h"
#include "client/spectators.h"
#include "client/sweep_source.h"

namespace normbench {
namespace {

int DryRun(const std::vector<Case>& cases) {
  std::cout << PlanLine(PlanOf(cases));
  for (const Case& c : cases) std::cout << c.key << "\n";
  return 0;
}

// REQUIRES: CheckRun found nothing.
std::optional<MaxGoal> GoalOf(const RunArguments& arguments) {
  if (arguments.find_max.empty()) return std::nullopt;
  return *ParseMaxGoal(arguments.find_max);
}

// What a run is made with; outlives it.
struct Setup {
  std::shared_ptr<grpc::Channel> channel;
  const RunContext& context;
  MetricsExporter& exporter;
  std::optional<MaxGoal> find_max;
  double find_max_seconds;
};

v1::Report NewReport(const RunArguments& arguments, const v1::Sweep& sweep) {
  v1::Report report;
  report.set_schema_version(kReportVersion);
  report.set_run_id(NewRunId());
  report.set_started(FormatNow());
  report.set_server_address(arguments.server);
  *report.mutable_sweep() = sweep;
  return report;
}

// Where a Prometheus finds what is going on; empty if nowhere.
std::string MetricsLine(const MetricsExporter& exporter) {
  return exporter.url().empty() ? "" : absl::StrCat("live   ", exporter.url(), "\n");
}

// Null where nobody looks while the run lasts: it would cost the loops time for nothing.
std::function<void(const LoopProgress&)> ObserverOf(MetricsExporter& exporter) {
  if (exporter.url().empty()) return nullptr;
  return [&exporter](const LoopProgress& loop) { exporter.metrics().Observe(loop); };
}

int VisitsOf(const std::vector<Case>& cases) {
  return std::accumulate(cases.begin(), cases.end(), 0,
                         [](int sum, const Case& c) { return sum + c.visits; });
}

// Measures everything; `report` then has all but its exit code.
void Execute(const std::vector<Case>& cases, const Setup& setup, v1::Report* report) {
  const auto cpu = ReadCpuTimes();
  const double start = SteadySeconds();
  {
    Progress progress(std::cerr, ProgressOnTerminal());
    progress.Begin(VisitsOf(cases), PlanOf(cases).seconds);
    Spectators spectators(progress, setup.exporter.metrics());
    const Session session{
        .channel = setup.channel,
        .channels =
            [&](int count) { return MoreChannels(setup.channel, report->server_address(), count); },
        .stop = setup.context.stop,
        .watcher = &spectators,
        .find_max = setup.find_max,
        .find_max_seconds = setup.find_max_seconds,
        .observe = ObserverOf(setup.exporter)};
    report->set_outcome(RunRounds(cases, session, report));
  }
  report->set_duration_seconds(SteadySeconds() - start);
  if (const auto steal = StealRatio(cpu, ReadCpuTimes())) {
    report->mutable_conditions()->set_steal_ratio(*steal);
  }
  CollectWarnings(report);
  report->set_exit_code(static_cast<int32_t>(ExitCodeOf(*report)));
}

}  // namespace

int Run(const RunArguments& arguments, const RunContext& context) {
  const auto sweep = SweepOf(arguments);
  if (!sweep.ok()) return Fail(sweep.status());
  // Before anything is connected or written: what is wrong with the sweep is known without a
  // server.
  const auto preview = Expand(*sweep, {.filter = arguments.filter});
  if (!preview.ok()) return Fail(preview.status());
  if (auto status = CheckRun(arguments, *preview); !status.ok()) return Fail(status);
  if (arguments.dry_run) return DryRun(*preview);
  const auto exporter = MetricsExporter::Open(arguments.metrics, sweep->name());
  if (!exporter.ok()) return Fail(exporter.status());

  const auto channel =
      Connect({.address = arguments.server, .timeout_seconds = arguments.connect_timeout_seconds},
              context.stop);
  if (!channel.ok()) return Fail(channel.status());
  v1::Report report = NewReport(arguments, *sweep);
  const std::string folder = ResultsFolder(arguments.out, report.started(), report.run_id());
  if (auto status = MakeFolder(folder); !status.ok()) return Fail(status);
  const auto lock = FolderLock::Take(folder);
  if (!lock.ok()) return Fail(lock.status());
  const auto devices = DescribeSurroundings(*channel, context.allocator, context.stop, &report);
  if (!devices.ok()) return Fail(devices.status());
  const auto cases = Expand(*sweep, {.devices = *devices, .filter = arguments.filter});
  if (!cases.ok()) return Fail(cases.status());
  std::cout << PlanLine(PlanOf(*cases)) << MetricsLine(**exporter) << std::flush;
  Execute(*cases, {*channel, context, **exporter, GoalOf(arguments), arguments.max_time_seconds},
          &report);
  return KeepAndShow(folder, **exporter, &report);
}

}  // namespace normbench
