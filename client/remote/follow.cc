// SPDX-License-Identifier: Apache-2.0
#include "client/remote/follow.h"

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>

#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/load/pacing.h"
#include "bench/run/channel.h"
#include "bench/run/status.h"
#include "normbench/v1/benchmark.grpc.pb.h"

namespace normbench {
namespace {

using std::chrono::system_clock;

constexpr std::chrono::milliseconds kPoll(100);
// Of one call: a connection that nobody answers on is noticed by then.
constexpr std::chrono::minutes kCall(2);

// One Watch call: one operation at a time is under way.
class WatchCall {
 public:
  WatchCall(v1::Benchmark::Stub& stub, const v1::WatchRequest& request,
            const std::function<bool()>& stop)
      : stop_(stop) {
    context_.set_deadline(system_clock::now() + kCall);
    reader_ = stub.PrepareAsyncWatch(&context_, request, &queue_);
    reader_->StartCall(this);
    open_ = Await();
  }
  ~WatchCall() {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }
  WatchCall(const WatchCall&) = delete;
  WatchCall& operator=(const WatchCall&) = delete;

  // False: there are no more.
  bool Read(v1::RunEvent* event) {
    if (!open_) return false;
    reader_->Read(event, this);
    return Await();
  }

  // Why there are no more.
  absl::Status Finish() {
    grpc::Status status;
    reader_->Finish(&status, this);
    Await();
    return stopped_ ? absl::CancelledError("interrupted") : ToAbsl(status);
  }

 private:
  bool Await() {
    void* tag = nullptr;
    bool ok = false;
    while (queue_.AsyncNext(&tag, &ok, system_clock::now() + kPoll) !=
           grpc::CompletionQueue::GOT_EVENT) {
      if (stopped_ || !stop_()) continue;
      stopped_ = true;
      context_.TryCancel();
    }
    return ok;
  }

  const std::function<bool()>& stop_;
  bool stopped_ = false;
  bool open_ = false;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::ClientAsyncReader<v1::RunEvent>> reader_;
};

class Follower {
 public:
  Follower(std::shared_ptr<grpc::Channel> channel, const FollowOptions& options)
      : channel_(std::move(channel)), options_(options) {
    request_.set_run_id(options.run_id);
  }

  absl::StatusOr<v1::Run> Run() {
    while (true) {
      const absl::Status ended = WatchOnce();
      if (finished_) return *std::move(finished_);
      // A call that took its time is made again, as is one to a server that was gone.
      if (ended.ok()) return absl::InternalError("the server ended the watching before the run");
      if (absl::IsDeadlineExceeded(ended)) heard_ = SteadySeconds();
      if (!IsLost(ended) && !absl::IsDeadlineExceeded(ended)) return ended;
      if (absl::Status back = Reconnect(); !back.ok()) return back;
    }
  }

 private:
  absl::Status WatchOnce() {
    const auto stub = v1::Benchmark::NewStub(channel_);
    WatchCall call(*stub, request_, options_.stop);
    v1::RunEvent event;
    while (call.Read(&event)) {
      heard_ = SteadySeconds();
      request_.set_after(event.sequence());
      options_.on_event(event);
      if (event.has_finished()) finished_ = event.finished();
    }
    return call.Finish();
  }

  absl::Status Reconnect() {
    const double left = heard_ + options_.patience_seconds - SteadySeconds();
    // A server that answers all but this call is not asked again without pause.
    channel_->WaitForStateChange(GRPC_CHANNEL_READY, system_clock::now() + kPoll);
    absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = absl::UnavailableError("");
    if (left > 0) {
      channel = Connect({.address = options_.server, .timeout_seconds = left}, options_.stop);
    }
    if (channel.ok()) channel_ = *std::move(channel);
    if (channel.ok() || absl::IsCancelled(channel.status())) return channel.status();
    return absl::UnavailableError(
        absl::StrCat("the server at ", options_.server, " is gone for ", options_.patience_seconds,
                     " s; once it is back, `normbench watch ", options_.run_id, "` goes on"));
  }

  std::shared_ptr<grpc::Channel> channel_;
  const FollowOptions& options_;
  v1::WatchRequest request_;
  double heard_ = SteadySeconds();  // when there was news, or the call was in order, the last time
  std::optional<v1::Run> finished_;
};

}  // namespace

absl::StatusOr<v1::Run> Follow(std::shared_ptr<grpc::Channel> channel,
                               const FollowOptions& options) {
  return Follower(std::move(channel), options).Run();
}

}  // namespace normbench
