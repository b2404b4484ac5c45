// SPDX-License-Identifier: Apache-2.0
// A server's stream, read by one thread that can do other things in between.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_stream.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace normbench {

// One operation at a time is under way; the call itself is the first. Not thread-safe.
template <typename Response>
class WatchedStream {
 public:
  using Reader = grpc::ClientAsyncReader<Response>;
  // Makes the call of one method.
  using Prepare =
      std::function<std::unique_ptr<Reader>(grpc::ClientContext*, grpc::CompletionQueue*)>;

  explicit WatchedStream(const Prepare& prepare) : reader_(prepare(&context_, &queue_)) {
    reader_->StartCall(this);
  }
  // REQUIRES: the call has ended, or is cancelled here.
  ~WatchedStream() {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }
  WatchedStream(const WatchedStream&) = delete;
  WatchedStream& operator=(const WatchedStream&) = delete;

  // Waits for the operation under way until `deadline`: whether it succeeded; nothing if it is not
  // done by then.
  std::optional<bool> Done(std::chrono::system_clock::time_point deadline) {
    void* tag = nullptr;
    bool ok = false;
    const auto next = queue_.AsyncNext(&tag, &ok, deadline);
    return next == grpc::CompletionQueue::GOT_EVENT ? std::optional(ok) : std::nullopt;
  }

  // `response` stays until the operation is done.
  void Read(Response* response) { reader_->Read(response, this); }

  void Cancel() { context_.TryCancel(); }

  // REQUIRES: no operation is under way.
  grpc::Status Finish() {
    grpc::Status status;
    reader_->Finish(&status, this);
    Done(std::chrono::system_clock::time_point::max());
    return status;
  }

 private:
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<Reader> reader_;
};

}  // namespace normbench
