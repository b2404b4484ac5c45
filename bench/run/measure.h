// SPDX-License-Identifier: Apache-2.0
// One call of service Benchmark: the server does the work, this end watches it.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "normbench/v1/measure.pb.h"

namespace normbench {

struct MeasureWatch {
  std::function<bool()> stop;  // polled several times a second; true cancels the measurement
  std::function<void(const v1::MeasureResponse&)> on_event;  // queued and progress events
  double stall_seconds = 60;  // without any event: the server is lost
};

// Return CANCELLED if stopped, UNAVAILABLE if the server is gone or silent, else what the server
// said.
absl::StatusOr<v1::MeasureResult> Measure(const std::shared_ptr<grpc::Channel>& channel,
                                          const v1::MeasureRequest& request,
                                          const MeasureWatch& watch);
absl::StatusOr<v1::InvarianceResult> CheckInvariance(const std::shared_ptr<grpc::Channel>& channel,
                                                     const v1::CheckInvarianceRequest& request,
                                                     const MeasureWatch& watch);

}  // namespace normbench
