// SPDX-License-Identifier: Apache-2.0
#include "bench/run/health.h"

#include <chrono>
#include <optional>

#include "absl/strings/str_cat.h"
#include "bench/run/status.h"
#include "bench/run/watched_stream.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace normbench {
namespace {

namespace health = grpc::health::v1;
using std::chrono::steady_clock;
using std::chrono::system_clock;
using Stream = WatchedStream<health::HealthCheckResponse>;

constexpr std::chrono::milliseconds kPoll(100);

class Wait {
 public:
  Wait(double timeout_seconds, const std::function<bool()>& stop,
       const std::function<absl::Status()>& process)
      : timeout_seconds_(timeout_seconds),
        end_(steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(
                                       std::chrono::duration<double>(timeout_seconds))),
        stop_(stop),
        process_(process) {}

  // Why there is no point in waiting on.
  absl::Status Over() const {
    if (stop_()) return absl::CancelledError("interrupted");
    if (absl::Status ended = process_(); !ended.ok()) return ended;
    if (steady_clock::now() < end_) return absl::OkStatus();
    return absl::UnavailableError(
        absl::StrCat("the server did not say within ", timeout_seconds_, " s that it is ready"));
  }

  // Whether the operation under way succeeded; nothing once the wait is over.
  std::optional<bool> Done(Stream& stream) const {
    while (Over().ok()) {
      if (const auto ok = stream.Done(system_clock::now() + kPoll)) return ok;
    }
    return std::nullopt;
  }

 private:
  const double timeout_seconds_;
  const steady_clock::time_point end_;
  const std::function<bool()>& stop_;
  const std::function<absl::Status()>& process_;
};

// Until it serves (OK), the wait is over or the stream ends.
absl::Status Watch(health::Health::Stub& stub, const Wait& wait) {
  const health::HealthCheckRequest request;
  health::HealthCheckResponse response;
  Stream stream([&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
    context->set_wait_for_ready(true);
    return stub.PrepareAsyncWatch(context, request, queue);
  });
  std::optional<bool> done = wait.Done(stream);
  for (; done == true; done = wait.Done(stream)) {
    if (response.status() == health::HealthCheckResponse::SERVING) return absl::OkStatus();
    stream.Read(&response);
  }
  return done.has_value() ? ToAbsl(stream.Finish()) : wait.Over();
}

}  // namespace

absl::Status AwaitServing(const std::shared_ptr<grpc::Channel>& channel, double timeout_seconds,
                          const std::function<bool()>& stop,
                          const std::function<absl::Status()>& process) {
  const auto stub = health::Health::NewStub(channel);
  const Wait wait(timeout_seconds, stop, process);
  absl::Status over = wait.Over();
  for (; over.ok(); over = wait.Over()) {
    const absl::Status watched = Watch(*stub, wait);
    if (watched.ok() || absl::IsUnimplemented(watched)) return watched;
    // It went away again: no reason to ask without pause.
    channel->WaitForStateChange(channel->GetState(true), system_clock::now() + kPoll);
  }
  return over;
}

}  // namespace normbench
