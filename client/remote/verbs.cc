// SPDX-License-Identifier: Apache-2.0
#include "client/remote/verbs.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/report/console.h"
#include "bench/report/expand.h"
#include "bench/report/json.h"
#include "bench/run/channel.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/folder_lock.h"
#include "client/metrics/exporter.h"
#include "client/remote/follow.h"
#include "client/remote/run_lines.h"
#include "client/remote/run_service.h"
#include "client/remote/submission.h"
#include "client/remote/watched_run.h"
#include "client/report_files.h"
#include "client/run_results.h"
#include "client/sweep_source.h"

namespace normbench {
namespace {

constexpr int kPage = 1000;

class Verbs {
 public:
  Verbs(std::shared_ptr<grpc::Channel> channel, const RemoteArguments& arguments,
        const v1::SubmitRequest& request, const std::function<bool()>& stop)
      : channel_(std::move(channel)),
        arguments_(arguments),
        request_(request),
        stop_(stop),
        runs_(channel_) {}

  // The run's id alone, so that scripts can take it.
  int operator()(const SubmitArguments&) {
    const auto run = runs_.Submit(request_);
    if (!run.ok()) return Fail(run.status());
    std::cerr << QueuedLine(*run, arguments_.server);
    std::cout << run->run_id() << std::endl;
    return 0;
  }

  int operator()(const WatchArguments& watch) {
    const auto run = runs_.Get(watch.run_id);
    if (!run.ok()) return Fail(run.status());
    const absl::StatusOr<int> code =
        watch.json ? WatchAsJson(*run) : WatchToReport(*run, watch.out);
    if (code.ok()) return *code;
    if (absl::IsCancelled(code.status())) {
      std::cerr << "normbench: the run goes on: `" << CommandFor("cancel", *run, arguments_.server)
                << "` ends it\n";
    }
    return Fail(code.status());
  }

  int operator()(const HistoryArguments& history) {
    const auto labels = LabelsOf(history.labels);
    if (!labels.ok()) return Fail(labels.status());
    v1::ListRequest request;
    request.set_state(history.state);
    request.set_name(history.name);
    request.set_submitted_after(history.after);
    request.set_submitted_before(history.before);
    request.mutable_labels()->insert(labels->begin(), labels->end());
    const auto runs = ListAll(std::move(request), history.count);
    if (!runs.ok()) return Fail(runs.status());
    std::cout << (history.format == "json" ? MessageToJson(*runs) : RunTable(*runs)) << std::flush;
    return 0;
  }

  int operator()(const ShowArguments& show) {
    const auto run = runs_.Get(show.run_id);
    if (!run.ok()) return Fail(run.status());
    if (!run->has_report()) {
      return Fail(
          absl::FailedPreconditionError(absl::StrCat(StateWords(*run), ", without a report")));
    }
    std::cout << FormatReport(run->report(), show.format, "") << std::flush;
    return 0;
  }

  int operator()(const CancelArguments& cancel) {
    const auto run = runs_.Cancel(cancel.run_id);
    if (!run.ok()) return Fail(run.status());
    std::cout << (run->state() == "running" ? absl::StrCat("run ", run->run_id(), " ends")
                                            : StateWords(*run))
              << std::endl;
    return 0;
  }

  int operator()(const DeleteArguments& remove) {
    const absl::Status status = runs_.Delete(remove.run_id);
    return status.ok() ? 0 : Fail(status);
  }

 private:
  absl::StatusOr<int> WatchAsJson(const v1::Run& run) {
    const auto ended = Follow(channel_, {.server = arguments_.server,
                                         .run_id = run.run_id(),
                                         .stop = stop_,
                                         .on_event = [](const v1::RunEvent& event) {
                                           std::cout << JsonLine(event) << std::flush;
                                         }});
    if (!ended.ok()) return ended.status();
    return ended->exit_code();
  }

  absl::StatusOr<int> WatchToReport(const v1::Run& run, const std::string& out) {
    const auto lock = LockFolder(out);
    if (!lock.ok()) return lock.status();
    const auto exporter = MetricsExporter::Open({}, run.name());
    if (!exporter.ok()) return exporter.status();
    auto watched = WatchRun(channel_, run, {.server = arguments_.server, .stop = stop_},
                            (*exporter)->metrics());
    if (!watched.ok()) return watched.status();
    if (!watched->status.ok()) Fail(watched->status);
    if (!watched->report) {
      std::cerr << "normbench: " << StateWords(watched->run) << "\n";
      return watched->run.exit_code();
    }
    if (!out.empty()) return KeepAndShow(out, **exporter, &*watched->report);
    std::cout << ConsoleReport(*watched->report, "") << std::flush;
    return watched->report->exit_code();
  }

  // One writer to a folder at a time; null: there is no folder.
  static absl::StatusOr<std::unique_ptr<FolderLock>> LockFolder(const std::string& out) {
    if (out.empty()) return nullptr;
    if (absl::Status status = MakeFolder(out); !status.ok()) return status;
    return FolderLock::Take(out);
  }

  // The newest `count` that fit, over as many pages as that takes.
  absl::StatusOr<v1::ListResponse> ListAll(v1::ListRequest request, int count) {
    v1::ListResponse all;
    do {
      request.set_page_size(std::min(kPage, count - all.runs_size()));
      absl::StatusOr<v1::ListResponse> page = runs_.List(request);
      if (!page.ok()) return page.status();
      all.mutable_runs()->MergeFrom(page->runs());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty() && all.runs_size() < count);
    all.set_next_page_token(request.page_token());
    return all;
  }

  const std::shared_ptr<grpc::Channel> channel_;
  const RemoteArguments& arguments_;
  const v1::SubmitRequest& request_;  // of submit
  const std::function<bool()>& stop_;
  RunService runs_;
};

// What submit sends: wrong sweeps are known without a server. Empty for the other verbs.
absl::StatusOr<v1::SubmitRequest> RequestOf(const RemoteArguments& arguments) {
  const auto* submit = std::get_if<SubmitArguments>(&arguments.verb);
  if (submit == nullptr) return v1::SubmitRequest();
  RunArguments source;
  source.source = submit->source;
  source.visits = submit->visits;
  const auto sweep = SweepOf(source);
  if (!sweep.ok()) return sweep.status();
  const auto cases = Expand(*sweep, {.filter = submit->filter});
  if (!cases.ok()) return cases.status();
  return SubmissionOf(*sweep, submit->filter, submit->options);
}

}  // namespace

int RunRemoteVerb(const RemoteArguments& arguments, const std::function<bool()>& stop) {
  const auto request = RequestOf(arguments);
  if (!request.ok()) return Fail(request.status());
  const auto channel = Connect(
      {.address = arguments.server, .timeout_seconds = arguments.connect_timeout_seconds}, stop);
  if (!channel.ok()) return Fail(channel.status());
  Verbs verbs(*channel, arguments, *request, stop);
  return std::visit(verbs, arguments.verb);
}

}  // namespace normbench
