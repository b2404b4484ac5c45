// SPDX-License-Identifier: Apache-2.0
// One Watch call: events go out as its client reads them, and what is read from the history next
// is what is new by then. A client that is slow holds a few events, no run and no thread.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "normbench/v1/runs.pb.h"
#include "server/exec/executor.h"
#include "server/rpc/call.h"
#include "server/runs/board.h"
#include "server/runs/cursor.h"

namespace normbench {

class WatchStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  struct Source {
    RunBoard* board = nullptr;  // that says when there is news of ...
    std::string run_id;
    std::unique_ptr<RunCursor> cursor;
    Executor* readers = nullptr;  // where it reads; its queue has room for all watchers
  };

  // Owned by gRPC from then on. `sent` counts bytes.
  explicit WatchStream(prometheus::Counter& sent) : sent_(sent) {}

  // The call that this stream is of, before all else.
  void set_call(std::shared_ptr<Call> call) { call_ = std::move(call); }

  // Begins to tell. Returns what Subscribe says. What `source` names outlives the stream.
  absl::Status Begin(Source source);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // What to do once the lock is released: gRPC may call back at once. Between these two nobody else
  // has a step: while it is under way is_busy_ is set.
  enum class Step { kNone, kRead, kWrite, kFinish };

  Step Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Do(Step step);
  void Wake();
  void Read();
  void Write();

  prometheus::Counter& sent_;
  std::shared_ptr<Call> call_;
  Source source_;  // its cursor is of the one that reads
  std::optional<RunBoard::Token> token_;
  grpc::ByteBuffer bytes_;  // belong to gRPC while they are written

  absl::Mutex mutex_;
  bool is_busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool has_news_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_lost_ ABSL_GUARDED_BY(mutex_) = false;  // nobody reads any more
  std::deque<v1::RunEvent> waiting_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);  // behind what waits
};

}  // namespace normbench
