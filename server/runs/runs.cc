// SPDX-License-Identifier: Apache-2.0
#include "server/runs/runs.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "bench/norm/printable.h"
#include "bench/run/run_id.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/runs/run_report.h"

namespace normbench {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 1000;
constexpr std::array kStates = {"queued",      "running",   "complete",
                                "interrupted", "cancelled", "failed"};

v1::Run NewRun(const v1::SubmitRequest& request, const CheckedRun& checked) {
  v1::Run run;
  run.set_run_id(NewRunId());
  run.set_state("queued");
  run.set_name(request.sweep().name());
  *run.mutable_labels() = request.labels();
  run.set_submitted(FormatRunTime(absl::Now()));
  run.set_cases(checked.plan.cases);
  run.set_planned_seconds(checked.plan.seconds);
  run.set_visits(checked.visits);
  return run;
}

absl::Status ReadTime(const std::string& field, const std::string& text,
                      std::optional<absl::Time>* time) {
  if (text.empty()) return absl::OkStatus();
  const auto parsed = ParseRunTime(field, text);
  if (parsed.ok()) *time = *parsed;
  return parsed.status();
}

absl::StatusOr<RunQuery> QueryOf(const v1::ListRequest& request) {
  RunQuery query = {.state = request.state(),
                    .name = request.name(),
                    .labels = {request.labels().begin(), request.labels().end()},
                    .count = request.page_size() == 0 ? kDefaultPage : request.page_size()};
  if (query.count < 1 || query.count > kMaxPage) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_size: ", query.count, "; allowed: 1 to ", kMaxPage));
  }
  if (request.labels_size() > kMaxRunLabels) {
    return absl::InvalidArgumentError(
        absl::StrCat("labels: ", request.labels_size(), "; allowed: at most ", kMaxRunLabels));
  }
  if (!request.state().empty() &&
      std::find(kStates.begin(), kStates.end(), request.state()) == kStates.end()) {
    return absl::InvalidArgumentError(absl::StrCat("state: '", Printable(request.state()),
                                                   "'; allowed: ", absl::StrJoin(kStates, ", ")));
  }
  int64_t before = 0;
  if (!request.page_token().empty()) {
    if (!absl::SimpleAtoi(request.page_token(), &before) || before < 1) {
      return absl::InvalidArgumentError("page_token: not one of an answer to List");
    }
    query.before = before;
  }
  for (const absl::Status& status :
       {ReadTime("submitted_after", request.submitted_after(), &query.submitted_after),
        ReadTime("submitted_before", request.submitted_before(), &query.submitted_before)}) {
    if (!status.ok()) return status;
  }
  return query;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Runs>> Runs::Open(const RunsOptions& options,
                                                 ServerMetrics& metrics) {
  absl::StatusOr<std::unique_ptr<History>> history = History::Open(options.file);
  if (!history.ok()) return history.status();
  const absl::Status recovered = RecoverRuns(**history);
  if (!recovered.ok() && !absl::IsResourceExhausted(recovered)) return recovered;
  std::unique_ptr<Runs> runs(new Runs(options, *std::move(history), metrics));
  runs->Retire();
  return runs;
}

Runs::Runs(const RunsOptions& options, std::unique_ptr<History> history, ServerMetrics& metrics)
    : options_(options),
      history_(std::move(history)),
      runner_(*history_, board_, metrics,
              {.tidy = [this] { Retire(); }, .every = options_.retire_every}) {}

void Runs::Start(RunHost host) {
  host.limits = options_.limits;
  runner_.Start(std::move(host));
}

void Runs::Stop() {
  runner_.Stop();
  board_.Close();
}

// That too much is kept for now does no harm: it is tried again within the hour.
void Runs::Retire() {
  history_->Retire(options_.keep, options_.now() - absl::Hours(24) * options_.days).IgnoreError();
}

absl::StatusOr<v1::Run> Runs::Submit(const v1::SubmitRequest& request) {
  absl::StatusOr<v1::Run> run = Insert(request);
  if (run.ok()) runner_.Wake();
  return run;
}

absl::StatusOr<std::optional<v1::Run>> Runs::Known(const v1::SubmitRequest& request) {
  if (request.idempotency_key().empty()) return std::nullopt;
  const auto known = history_->FindKey(request.idempotency_key());
  if (!known.ok()) return known.status();
  if (!known->has_value()) return std::nullopt;
  const KeyedRun& keyed = **known;
  if (!google::protobuf::util::MessageDifferencer::Equals(keyed.request, request)) {
    return absl::AlreadyExistsError(absl::StrCat("idempotency_key: '", request.idempotency_key(),
                                                 "' is that of another request, run ",
                                                 keyed.run_id));
  }
  absl::StatusOr<v1::Run> run = history_->Get(keyed.run_id, /*with_report=*/false);
  if (run.ok()) run = WithPosition(*std::move(run));
  if (!run.ok()) return run.status();
  return *std::move(run);
}

absl::StatusOr<v1::Run> Runs::Insert(const v1::SubmitRequest& request) {
  const absl::StatusOr<CheckedRun> checked = CheckRunRequest(request, options_.limits);
  if (!checked.ok()) return checked.status();
  const absl::MutexLock lock(&submit_mutex_);
  const auto known = Known(request);
  if (!known.ok()) return known.status();
  if (known->has_value()) return **known;
  const auto queued = history_->IdsOf("queued");
  if (!queued.ok()) return queued.status();
  if (static_cast<int>(queued->size()) >= options_.limits.max_queued) {
    return absl::ResourceExhaustedError(absl::StrCat("runs: ", queued->size(),
                                                     " wait already, as many as may; try again "
                                                     "when one has ended"));
  }
  v1::Run run = NewRun(request, *checked);
  // As it is now: the runner may take it any time.
  const absl::StatusOr<int> before = PositionOf(*history_, run.run_id());
  if (!before.ok()) return before.status();
  if (absl::Status status = history_->Insert(request, run); !status.ok()) return status;
  run.set_position(*before);
  return run;
}

absl::StatusOr<v1::Run> Runs::WithPosition(v1::Run run) {
  if (run.state() != "queued") return run;
  const absl::StatusOr<int> position = PositionOf(*history_, run.run_id());
  if (!position.ok()) return position.status();
  run.set_position(*position);
  return run;
}

absl::StatusOr<v1::Run> Runs::Get(const v1::GetRequest& request) {
  absl::StatusOr<v1::Run> run = history_->Get(request.run_id(), /*with_report=*/true);
  if (!run.ok()) return run;
  if (!HasEnded(run->state())) run->clear_report();
  return WithPosition(*std::move(run));
}

absl::StatusOr<v1::ListResponse> Runs::List(const v1::ListRequest& request) {
  const absl::StatusOr<RunQuery> query = QueryOf(request);
  if (!query.ok()) return query.status();
  absl::StatusOr<RunPage> page = history_->List(*query);
  if (!page.ok()) return page.status();
  v1::ListResponse response;
  for (v1::Run& run : page->runs) {
    absl::StatusOr<v1::Run> placed = WithPosition(std::move(run));
    if (!placed.ok()) return placed.status();
    *response.add_runs() = *std::move(placed);
  }
  if (page->next) response.set_next_page_token(absl::StrCat(*page->next));
  return response;
}

absl::StatusOr<v1::Run> Runs::Cancel(const v1::CancelRequest& request) {
  absl::StatusOr<v1::Run> run = runner_.Cancel(request.run_id());
  if (!run.ok()) return run;
  return WithPosition(*std::move(run));
}

absl::StatusOr<v1::DeleteResponse> Runs::Delete(const v1::DeleteRequest& request) {
  if (absl::Status status = history_->Delete(request.run_id()); !status.ok()) return status;
  board_.Tell(request.run_id());
  return v1::DeleteResponse();
}

std::unique_ptr<RunCursor> Runs::Watch(const v1::WatchRequest& request) {
  return std::make_unique<RunCursor>(*history_, board_, request.run_id(), request.after());
}

}  // namespace normbench
