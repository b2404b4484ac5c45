// SPDX-License-Identifier: Apache-2.0
// How long a server takes to list and to show what it has kept, as its clients see it.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

struct TimedCall {
  std::string name;
  std::vector<double> seconds;  // ascending
};

// Lists (the newest, of one name, of one label, from any place on) and shows (any run), `calls`
// times each, one after the other. Returns the status of the first call that fails. REQUIRES: `ids`
// is what WriteSampleHistory returned for the server's history.
absl::StatusOr<std::vector<TimedCall>> TimeHistoryCalls(
    const std::shared_ptr<grpc::Channel>& channel, const std::vector<std::string>& ids, int calls);

}  // namespace normbench
