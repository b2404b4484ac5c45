// SPDX-License-Identifier: Apache-2.0
#include "bench/run/floor.h"

#include <grpcpp/support/slice.h>

#include <chrono>
#include <optional>

#include "bench/run/unary_target.h"

namespace normbench {
namespace {

constexpr int kWarmUp = 50;
constexpr size_t kCalls = 200;
constexpr std::chrono::milliseconds kLongest(1000);
constexpr std::chrono::milliseconds kPoll(100);
constexpr double kTimeout = 5;  // of a call

// Waits for the call under way, which ends by its timeout at the latest; nothing if stop() says so.
std::optional<Completion> Await(UnaryTarget& target, const std::function<bool()>& stop) {
  while (!stop()) {
    if (auto done = target.Wait(Clock::now() + kPoll)) return done;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<Floor> MeasureFloor(const std::shared_ptr<grpc::Channel>& channel,
                                   const std::function<bool()>& stop) {
  const grpc::Slice nothing;
  UnaryTarget target(channel, {.method = "/inference.GRPCInferenceService/ServerLive",
                               .requests = {grpc::ByteBuffer(&nothing, 1)},
                               .payload_field = 0,
                               .slots = 1,
                               .timeout_seconds = kTimeout});
  Floor floor;
  const auto begin = Clock::now();
  for (int call = 0; floor.seconds.size() < kCalls; ++call) {
    const auto start = Clock::now();
    if (start - begin > kLongest && !floor.seconds.empty()) break;
    target.Send(0, 0);
    const auto done = Await(target, stop);
    if (!done) return absl::CancelledError("interrupted while the floor was measured");
    if (done->code != 0) return target.last_error();
    const bool warming_up = call < kWarmUp && start - begin < kLongest / 4;
    if (warming_up) continue;
    floor.seconds.push_back(std::chrono::duration<double>(done->time - start).count());
  }
  floor.peer = target.peer();
  return floor;
}

}  // namespace normbench
