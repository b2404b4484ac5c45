// SPDX-License-Identifier: Apache-2.0
#include "server/runs/recorder.h"

#include <utility>

namespace normbench {
namespace {

constexpr std::chrono::milliseconds kProgressPause(500);

}  // namespace

RunRecorder::RunRecorder(History& history, RunBoard& board, const std::vector<Case>& cases,
                         v1::Run* run)
    : history_(history), board_(board), run_(*run) {
  for (const Case& c : cases) index_.emplace(c.key, static_cast<int>(index_.size()));
}

void RunRecorder::Keep(std::optional<int> case_index, v1::RunEvent event) {
  if (!status_.ok()) return;
  status_ = history_.Append(run_, case_index, &event);
  if (status_.ok()) board_.Tell(run_.run_id());
}

void RunRecorder::Started(const std::string& key, double planned_seconds) {
  progress_.Clear();
  progress_.set_key(key);
  told_ = {};
  v1::RunEvent event;
  event.mutable_case_started()->set_key(key);
  event.mutable_case_started()->set_planned_seconds(planned_seconds);
  Keep(std::nullopt, std::move(event));
}

void RunRecorder::Phase(std::string_view phase, double fraction) {
  const auto now = std::chrono::steady_clock::now();
  if (progress_.phase() == phase && now - told_ < kProgressPause) return;
  told_ = now;
  progress_.set_phase(std::string(phase));
  progress_.set_fraction(fraction);
  board_.SetProgress(run_.run_id(), progress_);
}

void RunRecorder::Observe(const LoopProgress& loop) {
  progress_.set_samples(loop.warming_up ? 0 : static_cast<double>(loop.completed));
}

void RunRecorder::Finished(const Case& c, const v1::CaseResult& result) {
  run_.set_cases_done(run_.cases_done() + 1);
  v1::RunEvent event;
  *event.mutable_case_result() = result;
  Keep(index_.at(c.key), std::move(event));
}

}  // namespace normbench
