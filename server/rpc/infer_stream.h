// SPDX-License-Identifier: Apache-2.0
// The requests of one ModelStreamInfer call: many may be under way, answers go out in the order of
// the requests, one at a time. A request that fails is an answer with an error_message; the stream
// goes on. Each request is a Call of its own: admitted, cancelled and counted like a ModelInfer.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "grpcpp/support/status.h"
#include "server/rpc/call.h"

namespace normbench {

// One request, from its arrival until its answer has been sent.
struct StreamedRequest {
  grpc::ByteBuffer message;
  grpc::ByteBuffer answer;  // a ModelInferResponse
  std::string id;           // as soon as it is known, for the answer to a request that fails
  std::shared_ptr<Call> call;
  std::optional<grpc::Status> ended;
};

class InferStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  // No more is read while so many are under way or wait for a client that does not read.
  static constexpr size_t kMaxRequests = 1024;

  using Ended = std::function<void(const grpc::Status&)>;
  struct Options {
    // Makes the call of a request, which ends with `ended`.
    std::function<std::shared_ptr<Call>(Ended ended)> make_call;
    // Starts its work. The request is there until the call's Done().
    std::function<void(StreamedRequest& request)> start;
    std::function<void(double bytes)> received, sent;  // count; may be empty
    bool error_ends = false;  // the first failure ends the stream with its status instead
  };

  // Owned by gRPC from then on.
  explicit InferStream(Options options);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override { delete this; }

 private:
  // What to tell gRPC once the lock is released: it may call back at once. Between these two at
  // most one thread holds a step of each kind.
  struct Step {
    bool read = false;
    bool write = false;
    std::optional<grpc::Status> finish;
  };

  void Begin();
  void End(StreamedRequest& request, const grpc::Status& status);
  bool IsFirst(const grpc::Status& error);  // which the stream then ends with
  Step Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropAnswered() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Do(const Step& step);
  void CancelAll();

  const Options options_;
  grpc::ByteBuffer reading_, writing_;  // belong to gRPC between a start and its reaction

  absl::Mutex mutex_;
  std::deque<std::shared_ptr<StreamedRequest>> requests_ ABSL_GUARDED_BY(mutex_);  // in order
  bool is_reading_ ABSL_GUARDED_BY(mutex_) = true;
  bool is_beginning_ ABSL_GUARDED_BY(mutex_) = false;  // what was read
  bool is_writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool read_all_ ABSL_GUARDED_BY(mutex_) = false;  // the client will send nothing more
  bool is_lost_ ABSL_GUARDED_BY(mutex_) = false;   // nobody reads answers any more
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
};

// The bytes of a ModelStreamInferResponse: around `answer`, a ModelInferResponse, which is moved
// from; or, where `status` is an error, with its message and the request's id.
grpc::ByteBuffer StreamResponse(const grpc::Status& status, const std::string& id,
                                grpc::ByteBuffer& answer);

}  // namespace normbench
