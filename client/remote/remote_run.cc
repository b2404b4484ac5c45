// SPDX-License-Identifier: Apache-2.0
#include "client/remote/remote_run.h"

#include <iostream>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "bench/report/expand.h"
#include "bench/run/channel.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/folder_lock.h"
#include "client/remote/run_lines.h"
#include "client/remote/run_service.h"
#include "client/remote/submission.h"
#include "client/remote/watched_run.h"
#include "client/results_folder.h"
#include "client/run_check.h"
#include "client/run_results.h"
#include "client/sweep_source.h"

namespace normbench {
namespace {

absl::StatusOr<std::unique_ptr<FolderLock>> Take(const std::string& folder) {
  if (absl::Status status = MakeFolder(folder); !status.ok()) return status;
  return FolderLock::Take(folder);
}

// What is wrong with the sweep and is known without a server.
absl::Status Check(const RunArguments& arguments, const v1::Sweep& sweep) {
  const auto preview = Expand(sweep, {.filter = arguments.filter});
  return preview.ok() ? CheckRun(arguments, *preview) : preview.status();
}

// Says why nobody watches a run any more. The exit code is that of `why`.
int GoesOn(const v1::Run& run, const std::string& server, const absl::Status& why) {
  const int code = Fail(why);
  std::cerr << "the run goes on: `" << CommandFor("watch", run, server) << "` follows it, `"
            << CommandFor("cancel", run, server) << "` ends it\n";
  return code;
}

int End(WatchedRun watched, const std::string& folder, MetricsExporter& exporter) {
  if (!watched.status.ok()) Fail(watched.status);
  if (watched.report) return KeepAndShow(folder, exporter, &*watched.report);
  std::cerr << "normbench: " << StateWords(watched.run) << "\n";
  return watched.run.exit_code();
}

}  // namespace

int RunRemotely(const RunArguments& arguments, const std::function<bool()>& stop) {
  const auto sweep = SweepOf(arguments);
  if (!sweep.ok()) return Fail(sweep.status());
  if (auto status = Check(arguments, *sweep); !status.ok()) return Fail(status);
  const auto request = SubmissionOf(*sweep, arguments.filter, *arguments.remote);
  if (!request.ok()) return Fail(request.status());
  const auto exporter = MetricsExporter::Open(arguments.metrics, sweep->name());
  if (!exporter.ok()) return Fail(exporter.status());
  const auto channel = Connect(
      {.address = arguments.server, .timeout_seconds = arguments.connect_timeout_seconds}, stop);
  if (!channel.ok()) return Fail(channel.status());
  // The user's folder is tried before there is a run; one of the run's own name is new.
  absl::StatusOr<std::unique_ptr<FolderLock>> lock = nullptr;
  if (!arguments.out.empty()) lock = Take(arguments.out);
  if (!lock.ok()) return Fail(lock.status());
  const auto run = RunService(*channel).Submit(*request);
  if (!run.ok()) return Fail(run.status());
  std::cout << QueuedLine(*run, arguments.server) << std::flush;
  const std::string folder = ResultsFolder(arguments.out, run->submitted(), run->run_id());
  if (*lock == nullptr) lock = Take(folder);
  if (!lock.ok()) return GoesOn(*run, arguments.server, lock.status());
  auto watched =
      WatchRun(*channel, *run, {.server = arguments.server, .stop = stop, .sweep = *sweep},
               (*exporter)->metrics());
  if (absl::IsCancelled(watched.status())) return GoesOn(*run, arguments.server, watched.status());
  if (!watched.ok()) return Fail(watched.status());
  return End(*std::move(watched), folder, **exporter);
}

}  // namespace normbench
