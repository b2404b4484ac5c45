// SPDX-License-Identifier: Apache-2.0
// The answers of one streaming call, in order, with one write on the wire at a time. A reader that
// is slow costs memory for one event only: a newer event replaces one that still waits, and the
// producer never waits. The last event (the result) is never replaced, and the end comes after it.
#pragma once

#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/support/status.h"
#include "normbench/v1/measure.pb.h"

namespace normbench {

// Where events go. Calls come one at a time, each Write only after the one before was reported with
// WriteDone; Finish is last, exactly once, and nothing is called after it.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void Write(const v1::MeasureResponse& event) = 0;  // valid until WriteDone
  virtual void Finish(const grpc::Status& status) = 0;
};

// Thread-safe. Shared by the producer and the transport, either of which may let go first.
class EventStream {
 public:
  // `sink` lives until its Finish was called.
  explicit EventStream(EventSink& sink) : sink_(sink) {}

  // Sends `event` when the one before is out. Kinds only go forward: queued, progress, result or
  // invariance; an event of an earlier kind than the last one is dropped, and so is all after
  // Finish.
  void Put(v1::MeasureResponse event);

  // Ends the stream when what was put is out. Only the first call counts.
  void Finish(const grpc::Status& status);

  // The transport reports on the write it was given; not `ok`: the reader is gone.
  void WriteDone(bool ok);

 private:
  // What to do with the sink once the lock is released: it may call back at once.
  struct Step {
    bool write = false;
    std::optional<grpc::Status> finish;
  };
  Step Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Do(const Step& step);

  EventSink& sink_;
  v1::MeasureResponse writing_;  // belongs to whoever was told to write, until WriteDone

  absl::Mutex mutex_;
  bool in_flight_ ABSL_GUARDED_BY(mutex_) = false;
  bool reader_gone_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  int kind_ ABSL_GUARDED_BY(mutex_) = 0;  // of the newest event
  std::optional<v1::MeasureResponse> waiting_ ABSL_GUARDED_BY(mutex_);
  std::optional<grpc::Status> end_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace normbench
