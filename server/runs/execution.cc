// SPDX-License-Identifier: Apache-2.0
#include "server/runs/execution.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "bench/host/host.h"
#include "bench/report/expand.h"
#include "bench/report/format.h"
#include "bench/run/rounds.h"
#include "bench/run/surroundings.h"
#include "server/exec/guarded.h"
#include "server/runs/recorder.h"

namespace normbench {
namespace {

using Channels = std::vector<std::shared_ptr<grpc::Channel>>;
using std::chrono::steady_clock;

// A plan is an estimate: a run may take so many times as long, or as long as the longest plan.
constexpr double kMostOfPlan = 3;

double SecondsSince(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

class Execution {
 public:
  Execution(v1::Run run, History& history, RunBoard& board, const RunHost& host,
            const RunStop& stop)
      : run_(std::move(run)), history_(history), board_(board), host_(host), stop_(stop) {}

  EndedRun Run() {
    const auto request = history_.RequestOf(run_.run_id());
    if (!request.ok()) return Without(request.status());
    report_ = NewRunReport(run_, request->sweep());
    host_.take_device(request->other_traffic() == "refuse");
    auto returned = absl::MakeCleanup([this] { host_.return_device(); });
    const auto cases = Prepare(*request);
    if (!cases.ok()) return Without(cases.status());
    RunRecorder recorder(history_, board_, *cases, &run_);
    Measure(*cases, recorder);
    std::move(returned).Cancel();
    report_.mutable_conditions()->set_other_requests(host_.return_device());
    return recorder.status().ok() ? WithReport() : NotKept(recorder.status());
  }

 private:
  bool stopped() const { return stop_.cancelled() || stop_.stopping(); }

  // How a run ends that was not left to end.
  std::string StoppedState() const { return stop_.cancelled() ? "cancelled" : "interrupted"; }

  // How long the cases may take.
  double most_seconds() const {
    return std::max(host_.limits.max_seconds, kMostOfPlan * run_.planned_seconds());
  }

  // The cases on this machine, and the plan of the report in the history.
  absl::StatusOr<std::vector<Case>> Prepare(const v1::SubmitRequest& request) {
    channel_ = host_.connect();
    const auto devices = DescribeSurroundings(
        channel_, host_.allocator, [this] { return stopped(); }, &report_);
    if (!devices.ok()) return devices.status();
    auto cases = Expand(request.sweep(), {.devices = *devices, .filter = request.filter()});
    if (!cases.ok()) return cases;
    const auto checked = CheckCases(*cases, host_.limits);
    if (!checked.ok()) return checked.status();
    run_.set_cases(checked->plan.cases);
    run_.set_planned_seconds(checked->plan.seconds);
    run_.set_visits(checked->visits);
    const v1::Report planned = WithPlannedCases(report_, *cases);
    const absl::Status kept = history_.KeepReport(run_.run_id(), planned);
    return kept.ok() ? std::move(cases) : kept;
  }

  void Measure(const std::vector<Case>& cases, RunRecorder& recorder) {
    const auto start = steady_clock::now();
    const auto stop = [&] {
      return stopped() || !recorder.status().ok() || SecondsSince(start) > most_seconds();
    };
    const Session session{
        .channel = channel_,
        .channels = [this](int count) -> absl::StatusOr<Channels> { return Connections(count); },
        .stop = stop,
        .watcher = &recorder,
        .observe = [&recorder](const LoopProgress& loop) { recorder.Observe(loop); }};
    const auto cpu = ReadCpuTimes();
    report_.set_outcome(RunRounds(cases, session, &report_));
    report_.set_duration_seconds(SecondsSince(start));
    if (const auto steal = StealRatio(cpu, ReadCpuTimes())) {
      report_.mutable_conditions()->set_steal_ratio(*steal);
    }
  }

  Channels Connections(int count) const {
    Channels channels = {channel_};
    while (static_cast<int>(channels.size()) < count) channels.push_back(host_.connect());
    return channels;
  }

  EndedRun WithReport() {
    std::string state = "failed";
    if (report_.outcome() == "complete") {
      state = "complete";
    } else if (report_.outcome() == "server_lost") {
      run_.set_error("the server did not answer its own calls");
    } else if (stopped()) {
      state = StoppedState();
    } else {
      run_.set_error(absl::StrCat("the run was not over after ", FormatDuration(most_seconds()),
                                  ", the larger of --max-run-seconds of the server and ",
                                  kMostOfPlan, " times its plan"));
    }
    EndWithReport(state, &report_, &run_);
    DropResults(&report_);
    return {std::move(run_), std::move(report_)};
  }

  // What was not kept as an event stays in the report.
  EndedRun NotKept(const absl::Status& why) {
    run_.set_error(std::string(why.message()));
    EndWithReport("failed", &report_, &run_);
    return {std::move(run_), std::move(report_)};
  }

  EndedRun Without(const absl::Status& why) {
    const bool was_stopped = absl::IsCancelled(why) && stopped();
    EndWithout(was_stopped ? StoppedState() : "failed", why, &run_);
    return {std::move(run_)};
  }

  v1::Run run_;
  History& history_;
  RunBoard& board_;
  const RunHost& host_;
  const RunStop& stop_;
  std::shared_ptr<grpc::Channel> channel_;
  v1::Report report_;
};

}  // namespace

EndedRun ExecuteRun(v1::Run run, History& history, RunBoard& board, const RunHost& host,
                    const RunStop& stop) {
  const std::string run_id = run.run_id();
  EndedRun ended = {.run = run};
  const absl::Status executed = Guarded([&] {
    ended = Execution(std::move(run), history, board, host, stop).Run();
    return absl::OkStatus();
  });
  if (executed.ok()) return ended;
  absl::StatusOr<EndedRun> kept = EndAsKept(history, run_id, "failed", executed);
  if (kept.ok()) return *std::move(kept);
  EndWithout("failed", executed, &ended.run);
  return ended;
}

}  // namespace normbench
