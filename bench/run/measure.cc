// SPDX-License-Identifier: Apache-2.0
#include "bench/run/measure.h"

#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/run/status.h"
#include "bench/run/watched_stream.h"
#include "normbench/v1/benchmark.grpc.pb.h"

namespace normbench {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr std::chrono::milliseconds kPoll(100);

using Stream = WatchedStream<v1::MeasureResponse>;

// Waits for the operation under way, cancelling the call when told to or when nothing comes.
// Returns whether the operation succeeded; `why` says who cancelled.
bool Await(Stream& stream, const MeasureWatch& watch, absl::Status* why) {
  const auto stalled = steady_clock::now() + std::chrono::duration<double>(watch.stall_seconds);
  while (true) {
    if (const auto ok = stream.Done(system_clock::now() + kPoll)) return *ok;
    if (why->ok() && watch.stop()) {
      *why = absl::CancelledError("interrupted");
    } else if (why->ok() && steady_clock::now() > stalled) {
      *why = absl::UnavailableError(
          absl::StrCat("the server said nothing for ", watch.stall_seconds, " s"));
    } else {
      continue;
    }
    stream.Cancel();
  }
}

// The event that is the result: the last one of the kind `wanted`.
absl::StatusOr<v1::MeasureResponse> Follow(const Stream::Prepare& prepare,
                                           v1::MeasureResponse::EventCase wanted,
                                           const MeasureWatch& watch) {
  Stream stream(prepare);
  absl::Status why;
  std::optional<v1::MeasureResponse> result;
  v1::MeasureResponse response;
  for (bool more = Await(stream, watch, &why); more;) {
    stream.Read(&response);
    more = Await(stream, watch, &why);
    if (!more) break;
    if (response.event_case() == wanted) result = response;
    if (response.has_queued() || response.has_progress()) watch.on_event(response);
  }
  const grpc::Status status = stream.Finish();
  if (!why.ok()) return why;
  if (!status.ok()) return ToAbsl(status);
  if (!result) return absl::InternalError("the server ended the measurement without a result");
  return *std::move(result);
}

}  // namespace

absl::StatusOr<v1::MeasureResult> Measure(const std::shared_ptr<grpc::Channel>& channel,
                                          const v1::MeasureRequest& request,
                                          const MeasureWatch& watch) {
  const auto stub = v1::Benchmark::NewStub(channel);
  const auto prepare = [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
    return stub->PrepareAsyncMeasure(context, request, queue);
  };
  auto last = Follow(prepare, v1::MeasureResponse::kResult, watch);
  if (!last.ok()) return last.status();
  return std::move(*last->mutable_result());
}

absl::StatusOr<v1::InvarianceResult> CheckInvariance(const std::shared_ptr<grpc::Channel>& channel,
                                                     const v1::CheckInvarianceRequest& request,
                                                     const MeasureWatch& watch) {
  const auto stub = v1::Benchmark::NewStub(channel);
  const auto prepare = [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
    return stub->PrepareAsyncCheckInvariance(context, request, queue);
  };
  auto last = Follow(prepare, v1::MeasureResponse::kInvariance, watch);
  if (!last.ok()) return last.status();
  return std::move(*last->mutable_invariance());
}

}  // namespace normbench
