// SPDX-License-Identifier: Apache-2.0
#include "client/floor.h"

#include <grpcpp/support/slice.h>

#include <chrono>

#include "client/unary_target.h"

namespace normbench {

absl::StatusOr<Floor> MeasureFloor(const std::shared_ptr<grpc::Channel>& channel) {
  constexpr int kWarmUp = 50;
  constexpr int kCalls = 200;
  constexpr double kTimeout = 5;
  const grpc::Slice nothing;
  UnaryTarget target(channel, {.method = "/inference.GRPCInferenceService/ServerLive",
                               .requests = {grpc::ByteBuffer(&nothing, 1)},
                               .payload_field = 0,
                               .slots = 1,
                               .timeout_seconds = kTimeout});
  Floor floor;
  for (int call = 0; call < kWarmUp + kCalls; ++call) {
    const auto start = Clock::now();
    target.Send(0, 0);
    const auto done = target.Wait(start + std::chrono::seconds(60));
    if (!done) return absl::UnavailableError("ServerLive was not answered");
    if (done->code != 0) return target.last_error();
    if (call < kWarmUp) continue;
    floor.seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  floor.peer = target.peer();
  return floor;
}

}  // namespace normbench
