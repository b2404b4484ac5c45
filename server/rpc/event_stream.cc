// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/event_stream.h"

#include <utility>

namespace normbench {

void EventStream::Put(v1::MeasureResponse event) {
  Step step;
  {
    const absl::MutexLock lock(&mutex_);
    const int kind = event.event_case();
    if (end_.has_value() || kind < kind_) return;
    kind_ = kind;
    waiting_ = std::move(event);
    step = Next();
  }
  Do(step);
}

void EventStream::Finish(const grpc::Status& status) {
  Step step;
  {
    const absl::MutexLock lock(&mutex_);
    if (end_.has_value()) return;
    end_ = status;
    step = Next();
  }
  Do(step);
}

void EventStream::WriteDone(bool ok) {
  Step step;
  {
    const absl::MutexLock lock(&mutex_);
    in_flight_ = false;
    reader_gone_ = reader_gone_ || !ok;
    step = Next();
  }
  Do(step);
}

EventStream::Step EventStream::Next() {
  if (in_flight_ || finished_) return {};
  if (waiting_.has_value() && !reader_gone_) {
    writing_ = *std::move(waiting_);
    waiting_.reset();
    in_flight_ = true;
    return {.write = true, .finish = std::nullopt};
  }
  if (!end_.has_value()) return {};
  finished_ = true;
  return {.write = false, .finish = end_};
}

// Between these two at most one thread holds a step: while it does, in_flight_ or finished_ is set.
void EventStream::Do(const Step& step) {
  if (step.write) sink_.Write(writing_);
  if (step.finish.has_value()) sink_.Finish(*step.finish);
}

}  // namespace normbench
