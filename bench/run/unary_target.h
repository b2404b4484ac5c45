// SPDX-License-Identifier: Apache-2.0
// A unary gRPC method under load: requests are serialised before the run, answers are compared as
// bytes, and the loop's own thread drives the completion queue, so that little of what is measured
// is the client's.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "bench/load/target.h"
#include "bench/run/answer_reader.h"
#include "bench/run/formed_batch.h"

namespace normbench {

struct UnaryTargetOptions {
  std::string method;                      // "/inference.GRPCInferenceService/ModelInfer"
  std::vector<grpc::ByteBuffer> requests;  // by input number, serialised
  int payload_field = 0;      // of the tensor bytes in the answer; 0: no payload wanted
  bool formed_batch = false;  // the answers are of ModelInfer: reads in which batch each one rode
  int slots = 1;
  double timeout_seconds = 30;  // deadline of each request
  double stall_seconds = 0;  // a fault on purpose: Send stands still before every hundredth request
};

// One thread may Send while another one waits; the rest is for when neither does. Tensors that the
// requests refer to must outlive it.
class UnaryTarget final : public Target {
 public:
  using Channels = std::vector<std::shared_ptr<grpc::Channel>>;

  UnaryTarget(std::shared_ptr<grpc::Channel> channel, UnaryTargetOptions options)
      : UnaryTarget(Channels{std::move(channel)}, std::move(options)) {}
  // Requests go over the channels in turn. REQUIRES: at least one.
  UnaryTarget(Channels channels, UnaryTargetOptions options);
  // Cancels what is under way and waits for its end.
  ~UnaryTarget() override;
  UnaryTarget(const UnaryTarget&) = delete;
  UnaryTarget& operator=(const UnaryTarget&) = delete;

  int slots() const override { return options_.slots; }
  void Send(int slot, int64_t input) override;
  std::optional<Completion> Wait(Clock::time_point until) override;

  // What the latest failed request said; OK if none failed.
  const absl::Status& last_error() const { return last_error_; }
  // True if the latest request that ended failed.
  bool failing() const { return failing_; }
  // Address of the server as gRPC sees it; empty before the first answer.
  const std::string& peer() const { return peer_; }

 private:
  struct Slot {
    std::optional<grpc::ClientContext> context;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> call;
    grpc::ByteBuffer answer;
    grpc::Status status;
    AnswerReader reader;
    FormedBatchReader formed_batch;
    bool busy = false;
  };

  Completion Finish(int slot, Clock::time_point time);
  Completion Fail(Completion completion, absl::Status why);

  UnaryTargetOptions options_;
  std::vector<grpc::GenericStub> stubs_;  // by channel
  size_t next_stub_ = 0;                  // of the thread that sends
  int64_t sent_ = 0;                      // likewise
  grpc::CompletionQueue queue_;
  std::vector<Slot> slots_;
  absl::Status last_error_;
  bool failing_ = false;
  std::string peer_;
};

}  // namespace normbench
