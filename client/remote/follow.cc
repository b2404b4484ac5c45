// SPDX-License-Identifier: Apache-2.0
#include "client/remote/follow.h"

#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/load/pacing.h"
#include "bench/run/channel.h"
#include "bench/run/status.h"
#include "bench/run/watched_stream.h"
#include "normbench/v1/benchmark.grpc.pb.h"

namespace normbench {
namespace {

using std::chrono::system_clock;

constexpr std::chrono::milliseconds kPoll(100);
// Of one call: a connection that nobody answers on is noticed by then.
constexpr std::chrono::minutes kCall(2);

using Stream = WatchedStream<v1::RunEvent>;

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
      if (absl::IsDeadlineExceeded(ended)) lost_since_ = std::nullopt;
      if (!IsLost(ended) && !absl::IsDeadlineExceeded(ended)) return ended;
      if (absl::Status back = Reconnect(); !back.ok()) return back;
    }
  }

 private:
  absl::Status WatchOnce() {
    const auto stub = v1::Benchmark::NewStub(channel_);
    Stream stream([&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
      context->set_deadline(system_clock::now() + kCall);
      return stub->PrepareAsyncWatch(context, request_, queue);
    });
    v1::RunEvent event;
    for (bool more = Await(stream); more;) {
      stream.Read(&event);
      more = Await(stream);
      if (more) See(event);
    }
    const absl::Status ended = ToAbsl(stream.Finish());
    return options_.stop() ? absl::CancelledError("interrupted") : ended;
  }

  // Whether the operation under way succeeded.
  bool Await(Stream& stream) {
    while (true) {
      if (const auto ok = stream.Done(system_clock::now() + kPoll)) return *ok;
      if (options_.stop()) stream.Cancel();
    }
  }

  void See(const v1::RunEvent& event) {
    lost_since_ = std::nullopt;
    request_.set_after(event.sequence());
    options_.on_event(event);
    if (event.has_finished()) finished_ = event.finished();
  }

  // Patience begins when the server is first missed: a run that waits is silent for long.
  absl::Status Reconnect() {
    if (!lost_since_) lost_since_ = SteadySeconds();
    const double left = *lost_since_ + options_.patience_seconds - SteadySeconds();
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
  std::optional<double> lost_since_;  // nothing: there was news, or the call was in order
  std::optional<v1::Run> finished_;
};

}  // namespace

absl::StatusOr<v1::Run> Follow(std::shared_ptr<grpc::Channel> channel,
                               const FollowOptions& options) {
  return Follower(std::move(channel), options).Run();
}

}  // namespace normbench
