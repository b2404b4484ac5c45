// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/authorize.h"

namespace normbench {

absl::Status Authorizer::Authorize(Access access, bool own) {
  if (access != Access::kInfo && draining()) {
    return absl::UnavailableError("server is draining and takes no new work; try another one");
  }
  if (access != Access::kWork || own) return absl::OkStatus();
  const Run run = run_.load(std::memory_order_relaxed);
  if (run == Run::kRefuses) {
    return absl::ResourceExhaustedError(
        "a benchmark run has the device and refuses other work (other_traffic: refuse); try again "
        "when it has ended");
  }
  if (run == Run::kMarks) others_.fetch_add(1, std::memory_order_relaxed);
  return absl::OkStatus();
}

void Authorizer::BeginRun(OtherTraffic others) {
  others_.store(0, std::memory_order_relaxed);
  run_.store(others == OtherTraffic::kRefuse ? Run::kRefuses : Run::kMarks,
             std::memory_order_relaxed);
}

int64_t Authorizer::EndRun() {
  run_.store(Run::kNone, std::memory_order_relaxed);
  return others_.load(std::memory_order_relaxed);
}

}  // namespace normbench
