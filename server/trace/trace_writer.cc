// SPDX-License-Identifier: Apache-2.0
#include "server/trace/trace_writer.h"

#include <utility>

namespace normbench {

TraceWriter::TraceWriter(std::unique_ptr<TraceFile> file, std::function<void()> lost)
    : file_(std::move(file)), lost_(std::move(lost)), thread_([this] { Work(); }) {}

TraceWriter::~TraceWriter() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void TraceWriter::Write(const RequestTrace& trace) {
  {
    const absl::MutexLock lock(&mutex_);
    if (waiting_.size() < kMaxWaiting) {
      waiting_.push_back(trace);
      return;
    }
  }
  lost_();
}

void TraceWriter::Flush() {
  const auto is_idle = [this] { return waiting_.empty() && !is_writing_; };
  const absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&is_idle));
}

void TraceWriter::Work() {
  const auto has_work = [this] { return stopping_ || !waiting_.empty(); };
  mutex_.Lock();
  while (true) {
    mutex_.Await(absl::Condition(&has_work));
    if (waiting_.empty()) break;
    const RequestTrace trace = std::move(waiting_.front());
    waiting_.pop_front();
    is_writing_ = true;
    mutex_.Unlock();
    if (!file_->Append(trace.Line())) lost_();
    mutex_.Lock();
    is_writing_ = false;
  }
  mutex_.Unlock();
}

}  // namespace normbench
