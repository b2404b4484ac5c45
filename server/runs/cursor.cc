// SPDX-License-Identifier: Apache-2.0
#include "server/runs/cursor.h"

#include <algorithm>
#include <utility>

namespace normbench {
namespace {

// A case result may be a hundred kilobytes.
constexpr int kEventsAtOnce = 16;

}  // namespace

absl::StatusOr<int> PositionOf(History& history, const std::string& run_id) {
  const auto queued = history.IdsOf("queued");
  if (!queued.ok()) return queued.status();
  const auto running = history.IdsOf("running");
  if (!running.ok()) return running.status();
  const auto place = std::find(queued->begin(), queued->end(), run_id);
  return static_cast<int>(running->size() + (place - queued->begin()));
}

absl::StatusOr<WatchStep> RunCursor::Next() {
  absl::StatusOr<EventPage> page = history_.Events(run_id_, after_, kEventsAtOnce);
  if (!page.ok()) return page.status();
  if (page->events.empty()) return Passing(page->state);
  WatchStep step{.events = std::move(page->events), .more = true};
  after_ = step.events.back().sequence();
  step.ended = step.events.back().has_finished();
  return step;
}

absl::StatusOr<WatchStep> RunCursor::Passing(const std::string& state) {
  WatchStep step{.ended = HasEnded(state)};
  if (step.ended) return step;
  if (absl::Status trouble = board_.TroubleOf(run_id_); !trouble.ok()) return trouble;
  if (board_.closed()) {
    return absl::UnavailableError(
        "server stops; the run goes on, or is shown as far as it came, when it is back");
  }
  v1::RunEvent event;
  event.set_sequence(after_);
  if (state == "queued") {
    const absl::StatusOr<int> position = PositionOf(history_, run_id_);
    if (!position.ok()) return position.status();
    if (position_ == *position) return step;
    position_ = *position;
    event.mutable_queued()->set_position(*position);
    step.events.push_back(std::move(event));
    return step;
  }
  std::optional<LiveProgress> now = board_.ProgressOf(run_id_);
  if (!now || now->version == version_) return step;
  version_ = now->version;
  *event.mutable_progress() = std::move(now->progress);
  step.events.push_back(std::move(event));
  return step;
}

}  // namespace normbench
